-- A proof is asked for by the size of a tree.
CREATE INDEX checkpoint_size ON checkpoint (size, number);
