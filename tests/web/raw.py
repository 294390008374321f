"""A client that says what no library would: bytes on a connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connect(address: str) -> Streams:
    """Open a connection."""
    parts = urlsplit(address)
    return await asyncio.open_connection(parts.hostname, parts.port)


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Streams]:
    """Yield a connection."""
    reader, writer = await connect(address)
    try:
        yield reader, writer
    finally:
        writer.close()


async def said(address: str, sent: bytes) -> bytes:
    """Send bytes; return all that is answered until the server closes."""
    async with connected(address) as (reader, writer):
        writer.write(sent)
        async with asyncio.timeout(60):
            return await reader.read()


def request(body: bytes, *headers: str, path: str = "/v1/comments") -> bytes:
    """Return a request that ends the connection."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def status(answer: bytes) -> int:
    """Return the status of an answer."""
    return int(answer.split(b" ", 2)[1])
