"""From plain data to YAML that `parse` reads back as the same data.

Lives here: writing, with every word quoted that YAML readers disagree on.
"""

from __future__ import annotations

from typing import Any

import yaml

from bot.yamlfile.scalars import resolve


class _Writer(yaml.SafeDumper):
    """Writes no anchors, and quotes what would not be read back as text."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write values out in full, every time."""
        del data
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's signature
        """Indent lists under their key."""
        del indentless
        super().increase_indent(flow, indentless=False)


def _text(writer: yaml.SafeDumper, text: str) -> yaml.Node:
    style = None if isinstance(resolve(text), str) else '"'
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Writer.add_representer(str, _text)


def dump(data: object) -> str:
    """Return `data` (mappings, lists, text, numbers, flags) as YAML, in the order given."""
    text: str = yaml.dump(
        data, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=96, indent=2
    )
    return text
