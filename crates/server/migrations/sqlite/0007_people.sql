-- From when until when somebody has the role; NULL = no such end. Ms since 1970.
ALTER TABLE account ADD COLUMN term_from INTEGER;
ALTER TABLE account ADD COLUMN term_until INTEGER;
-- Name, role, seat and term as an operator set them, as JSON, once the person's record says something: what it does not say
-- is as here. NULL = the columns are as an operator set them.
ALTER TABLE account ADD COLUMN base TEXT;

ALTER TABLE invite ADD COLUMN invited_by BLOB;

-- Who revoked a phone, and why.
ALTER TABLE log ADD COLUMN revoked_by BLOB;
ALTER TABLE log ADD COLUMN revoke_reason TEXT;
-- Who asked a phone to wipe itself, when and why; and its signed word that it did.
ALTER TABLE log ADD COLUMN wipe_asked_at INTEGER;
ALTER TABLE log ADD COLUMN wipe_by BLOB;
ALTER TABLE log ADD COLUMN wipe_reason TEXT;
ALTER TABLE log ADD COLUMN wiped_at INTEGER;
ALTER TABLE log ADD COLUMN wiped BLOB;
ALTER TABLE log ADD COLUMN wiped_sig BLOB;
