"""Uploads a file with an unchanged tuspy: stops half-way, and goes on with a second client, as after a restart.

    python tuspy_upload.py ENDPOINT FILE SHA256_HEX MIME

Prints the URL of the upload and the offset at the end.
"""

import os
import sys

from tusclient.client import TusClient

endpoint, path, sha256, mime = sys.argv[1:]
size = os.path.getsize(path)
client = TusClient(endpoint)
words = {"chunk_size": 100_000, "metadata": {"sha256": sha256, "mime": mime}, "upload_checksum": True}
first = client.uploader(path, **words)
first.upload(stop_at=size // 2)
assert 0 < first.offset < size, first.offset
second = client.uploader(path, url=first.url, **words)
assert second.offset == first.offset, (second.offset, first.offset)
second.upload()
print(second.url, second.offset)
