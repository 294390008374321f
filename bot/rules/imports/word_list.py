"""Import of a plain word list: one entry a line, `#` comments."""

from __future__ import annotations

from pathlib import PurePath

from bot.rules.imports.draft import Draft, Imported


def read_word_list(text: str, name: str) -> Imported:
    """Return one rule that flags every entry of the list."""
    draft = Draft(name)
    lines = (line.strip() for line in text.splitlines())
    entries = draft.words(line for line in lines if line and not line.startswith("#"))
    title = PurePath(name).stem
    if entries:
        rule = {
            "id": draft.new_id("imported", title),
            "title": f"Words of {title}",
            "then": {"action": "flag"},
            "reason": "matched {match}",
        }
        draft.add(rule, [{"words": {"entries": entries, "evasion": "light"}}], lost=0)
    return draft.finish(title)
