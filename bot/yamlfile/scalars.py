"""What an unquoted word means, and which words are refused because YAML readers disagree.

Lives here: the resolution of plain scalars. Not here: the parser and the kinds.
"""

from __future__ import annotations

import re

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_LONG = re.compile(r"-?[1-9][0-9]{15,}")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}")

_SWITCH = re.compile(r"(?i:yes|no|on|off|y|n|true|false)")
_NOTHING = re.compile(r"~|null|Null|NULL|")
_NUMBER = re.compile(
    r"""(?x) [-+]?
    (?: 0[0-9_]+ | 0o[0-7_]+ | 0x[0-9a-fA-F_]+ | 0b[01_]+       # 012 is ten to some, twelve to others
      | [0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?             # 1:30 is ninety to some
      | (?:[0-9][0-9_]*)?\.?[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?    # 1_000, .5, 1e3, +1
      | [0-9][0-9_]*\.
      | \.(?:inf|Inf|INF|nan|NaN|NAN)
    )"""
)


def resolve(text: str) -> str | int | float | bool | None:
    """Return the value of an unquoted word; `None` when YAML readers disagree on it."""
    if text == "true":
        return True
    if text == "false":
        return False
    if not text or text[0] in "0123456789+-.~":
        return _resolve_number(text)
    if _SWITCH.fullmatch(text) or _NOTHING.fullmatch(text):
        return None
    return text


def _resolve_number(text: str) -> str | int | float | None:
    if _WHOLE.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return float(text)
    if _NUMBER.fullmatch(text) or _NOTHING.fullmatch(text):
        return None
    return text


def surprise(text: str) -> tuple[str, str]:
    """Return the message and the hint for a word that `resolve` refused."""
    if not text:
        return "a value is missing here", 'write "" for empty text, or leave the key out'
    if _NOTHING.fullmatch(text):
        return (
            f"{text} means nothing at all to YAML",
            f'write "{text}" in quotes if it is text, or leave the key out',
        )
    if _SWITCH.fullmatch(text):
        truth = "true" if text.lower() in {"yes", "on", "y", "true"} else "false"
        return (
            f"{text} is text to some YAML readers and {truth} to others",
            f'write "{text}" in quotes, or {truth}',
        )
    if _LONG.fullmatch(text):
        return f"{text} is rounded by some YAML readers", f'write "{text}" in quotes'
    return (
        f"{text} is read as different numbers, or as text, by different YAML readers",
        f'write "{text}" in quotes if it is text, or a plain decimal number',
    )
