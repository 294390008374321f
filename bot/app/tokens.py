"""Secrets, from the environment alone.

Lives here: where a secret may stand, and what to tell when it stands nowhere. Secrets are never
written into settings, logs or errors.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from bot.errors import UserError

DISCORD_TOKEN = "GAVEL_DISCORD_TOKEN"  # noqa: S105 - the name of a variable, not a secret


def secret(name: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return a secret: from the variable `name`, or from a file.

    The file is named by the variable `NAME_FILE`, or lies under its name in the folder of
    systemd's credentials. Raise `UserError` when a file cannot be read.
    """
    if value := environment.get(name, "").strip():
        return value
    if given := environment.get(f"{name}_FILE"):
        return _read(Path(given), f"{name}_FILE")
    if folder := environment.get("CREDENTIALS_DIRECTORY"):
        path = Path(folder) / name
        return _read(path, "the credentials") if path.exists() else None
    return None


def discord_token(environment: Mapping[str, str] = os.environ) -> str:
    """Return Discord's token; raise `UserError` when there is none."""
    token = secret(DISCORD_TOKEN, environment)
    if not token:
        raise UserError(
            "Discord's token is missing",
            hint=f"set {DISCORD_TOKEN} in the environment, or {DISCORD_TOKEN}_FILE to a file that"
            " holds it; it is shown once at discord.com/developers/applications, your application,"
            " Bot, Reset Token",
        )
    return token


def _read(path: Path, where: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise UserError(f"cannot read the file {path} of {where}: {reason}") from None
