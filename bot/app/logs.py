"""What the running bot writes to standard error: lines for people, or JSON for programs.

Lives here: the two forms, and what is kept out of both: secrets, and the libraries' own detail,
which repeats what people wrote. Not here: what is worth logging.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.config import LogFormat, LogSettings

_LIBRARIES = {
    "discord": logging.INFO,
    "discord.client": logging.ERROR,
    "aiohttp": logging.WARNING,
    "asyncio": logging.WARNING,
}
"""Below these levels, libraries write whole requests, or what concerns nobody."""

_TEXT = "%(asctime)s %(levelname)-7s %(message)s"


def set_up(settings: LogSettings, secrets: Sequence[str] = ()) -> None:
    """Write to standard error from now on; `secrets` are struck out wherever they turn up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Json(secrets) if settings.format is LogFormat.JSON else _Plain(_TEXT, secrets)
    )
    level = logging.getLevelName(settings.level.upper())
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name, least in _LIBRARIES.items():
        logging.getLogger(name).setLevel(max(level, least))


class _Plain(logging.Formatter):
    """A line for people, with what went wrong below it."""

    def __init__(self, form: str, secrets: Sequence[str]) -> None:
        super().__init__(form)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        return _without(super().format(record), self._secrets)


class _Json(logging.Formatter):
    """One JSON object a line: at, level, part, message, and error where there is one."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "part": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        clean = {key: _without(value, self._secrets) for key, value in line.items()}
        return json.dumps(clean, ensure_ascii=False)


def _without(text: str, secrets: Sequence[str]) -> str:
    for each in filter(None, secrets):
        text = text.replace(each, "[secret]")
    return text
