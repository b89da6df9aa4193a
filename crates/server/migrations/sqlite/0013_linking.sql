-- Which records link a file: a photo as it came is judged by the one that linked it first.
CREATE INDEX op_blob_sha256 ON op_blob (sha256);
