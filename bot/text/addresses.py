"""Addresses in a text: links, e-mail and the marks of chat, whose signs are no letters.

Lives here: where they are. Not here: rules about links (`bot.rules`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.model import Span

_CHUNK = re.compile(r"\S+")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+[^\w\s]{0,3}")
_MENTION = re.compile(r"<(?:[@#:]|a:)[^>\s]{0,100}>")
_DOMAIN = re.compile(
    r"[\w.-]*\.(?:com|net|org|io|gg|tv|co|uk|me|de|be|ly|app|dev|info|edu|gov)(?![\w-])"
)
_HINTS = ("://", "www.", "@", ".", "<")


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches without white space that are addresses."""
    if not any(hint in text for hint in _HINTS):
        return
    for chunk in _CHUNK.finditer(text):
        if is_address(chunk[0]):
            yield chunk.span()


def is_address(chunk: str) -> bool:
    """Whether a stretch without white space is an address."""
    if "://" in chunk or chunk.startswith("www."):
        return True
    shape = _MENTION if chunk[0] == "<" else _MAIL if "@" in chunk else _DOMAIN
    return shape.match(chunk) is not None


_PATH = re.compile(r"(?:\w://|(?<!\w)www\.)[^\s/?#]+([/?#]\S*)")
_MAILBOX = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,8}")


def address_parts(text: str) -> tuple[Span, ...]:
    """Return what is no prose: the paths of links, and e-mail addresses.

    The host of a link is left out: who links where is worth a look.
    """
    parts = []
    if "://" in text or "www." in text:
        parts += [Span(*found.span(1)) for found in _PATH.finditer(text)]
    if "@" in text:
        parts += [Span(*found.span()) for found in _MAILBOX.finditer(text)]
    return tuple(sorted(parts))
