"""What Discord shows while a command is typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.chat.house import house

SLASH = 1
NOT_DESCRIBED = "…"
"""What the library sends for an option of which nothing is said."""


async def test_every_command_and_every_option_says_what_it_is(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        slash = [each for each in gavel.discord.world.commands if each.get("type", SLASH) == SLASH]
        options = [option for command in slash for option in _options(command)]
        assert {"hours", "archive", "rules", "on"} <= {option["name"] for option in options}
        for each in (*slash, *options):
            assert each["description"] not in {"", NOT_DESCRIBED}, each["name"]


def _options(command: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for option in command.get("options", []):
        yield option
        yield from _options(option)
