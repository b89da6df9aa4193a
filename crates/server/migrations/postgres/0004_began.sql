-- Where this incarnation began: the one before it, and how many ops there were. NULL = the first, or one of before this migration.
ALTER TABLE server ADD COLUMN began_after BYTEA;
ALTER TABLE server ADD COLUMN began_size BIGINT;
