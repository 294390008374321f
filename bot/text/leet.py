"""Digits and symbols that stand for letters.

Lives here: which of them are read as letters, and the alternatives where one sign has two. Not
here: signs that hide a letter without resembling it (`bot.text.censoring`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

from bot.text.addresses import addresses
from bot.text.tracked import Edit, Tracked

_SIGNS = {
    "0": "o",
    "1": "i",
    "2": "z",
    "3": "e",
    "4": "a",
    "5": "s",
    "6": "g",
    "7": "t",
    "8": "b",
    "9": "g",
    "@": "a",
    "$": "s",
    "!": "i",
    "|": "l",
    "+": "t",
    "(": "c",
    "<": "c",
    "{": "c",
    "[": "c",
    "&": "a",
    "^": "a",
    "#": "h",
    "€": "e",
    "£": "l",
    "¥": "y",
    "§": "s",
    "°": "o",
}
_I_OR_L = frozenset("1!|")
_DRAWINGS = {
    "|\\/|": "m",
    "\\/\\/": "w",
    "/\\/\\": "m",
    "|\\|": "n",
    "/\\/": "n",
    "|-|": "h",
    "|_|": "u",
    "(_)": "u",
    "[_]": "u",
    "/\\": "a",
    "\\/": "v",
    "()": "o",
    "[]": "o",
    "|<": "k",
    "|>": "p",
    "|)": "d",
    "|=": "f",
    "|3": "b",
    "}{": "h",
    "><": "x",
}
# Within a word, `|3` is two letters.
_SHAPE = "|".join(
    ("(?<![^\\W\\d_])" if shape == "|3" else "") + re.escape(shape) for shape in _DRAWINGS
)
# Bounded and possessive: shapes share strokes, and a fence of them may be read in many ways.
_DRAWING = re.compile(f"(?:{_SHAPE})(?=(?>(?:{_SHAPE}){{0,12}})[^\\W\\d_])")
_SIGN_CLASS = "".join(re.escape(sign) for sign in _SIGNS)
_STROKES = "".join(re.escape(shape[0]) for shape in _DRAWINGS)
_ANY_SIGN = re.compile(f"[{_SIGN_CLASS}{_STROKES}]")
_TOKEN = re.compile(rf"(?:[^\W_]|[{_SIGN_CLASS}])+")
_LEADING = re.compile(
    r"[!|+({\[^#°]+|@(?![b-df-hj-np-tv-z]{2}|n|[^\W\d_]{1,2}(?![^\W_])|[^\W_]*[0-9$][^\W\d_])"
)
_TRAILING = re.compile(r"(?:[!|(<{\[&^#°]|\+\+|(?<![!@$|\d])\+|(?<=\d)\+)+$")
_ODD_EDGE = re.compile(r"^[!|+](?![!|+])|[|+<]$")
"""Signs that are no punctuation where they stand: `!diot`, `shi+`."""
_LETTER = re.compile(r"[^\W\d_]")
_AMOUNT = re.compile(
    r"[$€£¥#]?\d+(?:st|nd|rd|th|am|pm|[kmbxdhsvwpclgz]|[kmgt]?bs?|[kmgt]?hz|[kmcn]?m|k?g|m?l|fps|px|"
    r"mph|kmh|min|mins|sec|secs|ms|hr|hrs|yr|yrs|yo|ft|in|lb|lbs|oz|usd|eur|gbp|[ap]m)[!]*|"
    r"[$€£¥]\d[\d.,]*(?:[kmbt]|bn|mn|mil|usd|aud|cad|nzd|ea|pp|hr|yr|mo)?[!+]*"
)
_VOWELS = frozenset("aeiouy")
_DIGITS = re.compile(r"\d+")


def without_leet(tracked: Tracked) -> Iterator[Tracked]:
    """Yield the text with digits and symbols read as letters, the likeliest reading first."""
    if not _ANY_SIGN.search(tracked.text):
        yield tracked
        return
    drawn = tracked.edited(
        (Edit(*found.span(), _DRAWINGS[found[0]]) for found in _DRAWING.finditer(tracked.text)),
        "leet",
    )
    spans = list(_tokens(drawn.text))
    if not spans:
        yield drawn
        return
    tokens = [_trimmed(drawn.text, *span) for span in spans]
    for read in (_likely, _always_i, _always_l, _numbers_cut):
        yield _read(drawn, tokens, read)
    if tokens != spans:
        for read in (_likely, _always_l, _always_i):
            yield _read(drawn, spans, read)
    if any(len(_I_OR_L_RUN.findall(drawn.text, *span)) > 1 for span in spans):
        for read in (_first_l, _first_i):
            yield _read(drawn, spans, read)


_Span = tuple[int, int]


def _read(tracked: Tracked, spans: Iterable[_Span], read: Callable[[str], str]) -> Tracked:
    text, done = tracked.text, 0
    parts: list[str] = []
    known: dict[str, str] = {}
    for start, end in spans:
        token = text[start:end]
        if token not in known:
            known[token] = read(token)
        parts += (text[done:start], known[token])
        done = end
    return tracked.mapped("".join([*parts, text[done:]]), "leet")


def _tokens(text: str) -> Iterator[_Span]:
    """Yield the spans of tokens in which letters and signs meet; amounts are left alone."""
    skipped = list(addresses(text))
    starts = [start for start, _ in skipped]
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token.isalpha() or not _LETTER.search(token) or _AMOUNT.fullmatch(token):
            continue
        before = bisect_right(starts, found.start()) - 1
        if before >= 0 and found.start() < skipped[before][1]:
            continue
        start, end = _trimmed(text, *found.span())
        if not text[start:end].isalpha() or _ODD_EDGE.search(token):
            yield found.span()


def _trimmed(text: str, start: int, end: int) -> _Span:
    """Leave out the signs around a token that are likelier punctuation than letters."""
    token = text[start:end]
    leading = _LEADING.match(token)
    trailing = _TRAILING.search(token)
    return (
        start + (leading.end() if leading else 0),
        end - (len(trailing[0]) if trailing else 0),
    )


_I_OR_L_RUN = re.compile(r"([1!|])\1*")


_I_OR_L_SIGNS = re.compile(r"[1!|]+")


def _likely(token: str) -> str:
    """Read signs for i or l as the letters around them ask: `s1ut`, `he11`, `b1tch`, `k!1|`."""
    plain = _always_i(token)
    letters = list(plain)
    for run in _I_OR_L_SIGNS.finditer(token):
        start, end = run.span()
        letters[start:end] = _i_or_l(
            end - start, plain[max(0, start - 1) : start], plain[end : end + 1]
        )
    return "".join(letters)


def _i_or_l(count: int, before: str, after: str) -> str:
    """Return the likeliest letters for so many signs between two letters."""
    if before in _VOWELS and (count > 1 or after not in {"n", "r"}):
        return "l" * count
    if count == 1:
        return "l" if after in _VOWELS or (before == "l" and not after) else "i"
    if count == 2:  # noqa: PLR2004 - two letters
        return "li" if not before or after in _VOWELS else "il"
    return "i" + "l" * (count - 1)


def _first_l(token: str) -> str:
    """Read the first sign for i or l as l, and the others as i: `k1ll!ng`, where it is not so."""
    first = _I_OR_L_RUN.search(token)
    cut = first.end() if first else 0
    return _always_l(token[:cut]) + _always_i(token[cut:])


def _first_i(token: str) -> str:
    first = _I_OR_L_RUN.search(token)
    cut = first.end() if first else 0
    return _always_i(token[:cut]) + _always_l(token[cut:])


def _always_i(token: str) -> str:
    return token.translate(_AS_I)


def _always_l(token: str) -> str:
    return token.translate(_AS_L)


def _numbers_cut(token: str) -> str:
    """Read a number at either end as no part of the word: `name123`."""
    start = _DIGITS.match(token)
    inner_start = start.end() if start else 0
    inner = token[inner_start:].rstrip("0123456789")
    after = len(token) - inner_start - len(inner)
    return " " * inner_start + _likely(inner) + " " * after


_AS_I = str.maketrans(_SIGNS | {"|": "i"})
_AS_L = str.maketrans(_SIGNS | dict.fromkeys(_I_OR_L, "l"))


_SIGNS_ALONE = re.compile(r"[0-9@$!|+]{1,3}")


def signs_as_letters(word: str) -> tuple[Tracked, ...]:
    """Return the readings of a short word that is all signs; it has none by itself: `go 2 h3ll`."""
    if not _SIGNS_ALONE.fullmatch(word):
        return ()
    original = Tracked(word)
    return tuple(original.mapped(read(word), "leet") for read in (_likely, _always_l))


_CAPITAL_I = re.compile(r"(?<=[a-z])I+")


def with_capital_i(original: Tracked, tracked: Tracked) -> Tracked:
    """Read a capital i after a small letter as the l that it looks like."""
    runs = _CAPITAL_I.finditer(original.text)
    places = {place for run in runs for place in range(*run.span())}
    if not places:
        return tracked
    read = [
        "l" if letter == "i" and start in places else letter
        for letter, start in zip(tracked.text, tracked.offsets()[0], strict=True)
    ]
    return tracked.mapped("".join(read), "leet")
