"""What schemathesis has to know besides the OpenAPI: bodies that are bytes, and that HTTP allows no other headers."""

import os
import re

import schemathesis

TOKEN = re.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
VISIBLE = re.compile(r"^[\x20-\x7e]*$")


@schemathesis.serializer("application/cbor", "application/cbor-seq", "application/offset+octet-stream",
                         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
def as_bytes(_context, value):
    """Generated bodies of these types are text or bytes; anything else becomes some bytes of its own."""
    if isinstance(value, bytes):
        return value
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else repr(value).encode() + os.urandom(4)


@schemathesis.hook
def filter_headers(_context, headers):
    """A request with headers that HTTP does not allow never reaches the server's code."""
    return all(TOKEN.match(name) and VISIBLE.match(str(value)) for name, value in (headers or {}).items())
