-- From when until when somebody has the role; NULL = no such end. Ms since 1970.
ALTER TABLE account ADD COLUMN term_from BIGINT;
ALTER TABLE account ADD COLUMN term_until BIGINT;
-- Name, role, seat and term as an operator set them, as JSON, once the person's record says something: what it does not say
-- is as here. NULL = the columns are as an operator set them.
ALTER TABLE account ADD COLUMN base TEXT;

ALTER TABLE invite ADD COLUMN invited_by BYTEA;

-- Who revoked a phone, and why.
ALTER TABLE log ADD COLUMN revoked_by BYTEA;
ALTER TABLE log ADD COLUMN revoke_reason TEXT;
-- Who asked a phone to wipe itself, when and why; and its signed word that it did.
ALTER TABLE log ADD COLUMN wipe_asked_at BIGINT;
ALTER TABLE log ADD COLUMN wipe_by BYTEA;
ALTER TABLE log ADD COLUMN wipe_reason TEXT;
ALTER TABLE log ADD COLUMN wiped_at BIGINT;
ALTER TABLE log ADD COLUMN wiped BYTEA;
ALTER TABLE log ADD COLUMN wiped_sig BYTEA;
