"""The table of archive formats.

Lives here: one line a format, in the order in which detection tries them: what is unmistakable
comes first, plain text, which fits anything, last. Not here: the formats themselves.
"""

from __future__ import annotations

from bot.archive.base import Format
from bot.archive.formats import delimited, discord_json, drupal, jsonl, plain, wikiconv

FORMATS: tuple[Format, ...] = (
    Format("drupal", "pasted Drupal thread", drupal.detect, drupal.read),
    Format("discord-json", "DiscordChatExporter, JSON", discord_json.detect, discord_json.read),
    Format("wikiconv", "WikiConv talk page threads", wikiconv.detect, wikiconv.read),
    Format("jsonl", "JSON, an object a line or a list", jsonl.detect, jsonl.read, jsonl.check),
    Format("csv", "table, CSV", delimited.detect_csv, delimited.read, delimited.check),
    Format("tsv", "table, tab-separated", delimited.detect_tsv, delimited.read, delimited.check),
    Format("txt", "text, a comment a line", plain.detect, plain.read),
)


def formats() -> tuple[str, ...]:
    """Return the names of the formats, in the order of detection."""
    return tuple(each.name for each in FORMATS)
