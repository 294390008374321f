"""Many of the API's requests in one, as Google's client libraries send them: `multipart/mixed`.

Lives here: taking a batch apart and putting its answers together. Not here: what each request means
(`bot.web.perspective.handlers`). Each part is a whole HTTP request with a key of its own.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from bot.web.perspective.errors import bad_payload

_BOUNDARY = re.compile(r'\bboundary=(?:"([^"\r\n]{1,100})"|([^\s;"]{1,100}))', re.IGNORECASE)
_BLANK = re.compile(rb"\r?\n\r?\n")
_REQUEST_LINE = re.compile(r"POST (\S+) HTTP/1\.[01]")
_MOST_QUERY_FIELDS = 20
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Part:
    """One request of a batch; header names are in lower case."""

    id: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


def split(body: bytes, content_type: str, most: int) -> list[Part]:
    """Return the requests of a batch, in order; raise `PerspectiveError` for what is none."""
    named = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/mixed") or named is None:
        raise bad_payload("A batch is multipart/mixed, with a boundary.")
    mark = re.escape((named.group(1) or named.group(2)).encode())
    pieces = re.split(rb"(?:\A|\r?\n)--" + mark + rb"(?:--)?[ \t]*(?=\r?\n|\Z)", body)
    # Before the first mark and after the last one nothing counts.
    parts = pieces[1:-1]
    if not parts:
        raise bad_payload("The batch holds no request.")
    if len(parts) > most:
        raise bad_payload(f"At most {most} requests can be sent in one batch.")
    return [_part(each.lstrip(b"\r\n")) for each in parts]


def joined(parts: Iterable[Part], answers: Iterable[web.Response]) -> web.Response:
    """Return the answer to a batch; each part tells by its id which request it answers."""
    boundary = f"batch_{secrets.token_hex(16)}"
    lines: list[bytes] = []
    for part, answer in zip(parts, answers, strict=True):
        content = (answer.text or "").encode()
        status = HTTPStatus(answer.status)
        head = (
            f"--{boundary}",
            "Content-Type: application/http",
            f"Content-ID: {_answer_id(part.id)}",
            "",
            f"HTTP/1.1 {status.value} {status.phrase}",
            "Content-Type: application/json; charset=UTF-8",
            f"Content-Length: {len(content)}",
            "",
        )
        lines += [*(line.encode("latin-1", "replace") for line in head), content]
    lines += [f"--{boundary}--".encode(), b""]
    kind = {"Content-Type": f"multipart/mixed; boundary={boundary}"}
    return web.Response(body=b"\r\n".join(lines), headers=kind)


def _part(piece: bytes) -> Part:
    outer, _, inner = _cut(piece)
    head, _, body = _cut(inner)
    line, _, rest = head.partition(b"\n")
    asked = _REQUEST_LINE.fullmatch(line.decode("latin-1").strip())
    if asked is None:
        raise bad_payload("Each part of a batch is a POST request.")
    try:
        address = urlsplit(asked.group(1))
        query = dict(parse_qsl(address.query, max_num_fields=_MOST_QUERY_FIELDS))
    except ValueError:
        raise bad_payload("The address of a request in the batch is none.") from None
    name = _headers(outer).get("content-id", "")[:_LONGEST_ID]
    return Part(name, address.path, query, _headers(rest), body)


def _cut(piece: bytes) -> tuple[bytes, bytes, bytes]:
    """Cut at the first blank line."""
    blank = _BLANK.search(piece)
    if blank is None:
        return piece, b"", b""
    return piece[: blank.start()], blank.group(), piece[blank.end() :]


def _headers(head: bytes) -> dict[str, str]:
    pairs = (line.partition(":") for line in head.decode("latin-1").splitlines())
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def _answer_id(given: str) -> str:
    inside = given.removeprefix("<").removesuffix(">")
    return f"<response-{inside}>"
