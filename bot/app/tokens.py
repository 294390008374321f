"""Secrets, from the environment alone.

Lives here: where a secret may stand, and what to tell when it stands nowhere. Secrets are never
written into settings, logs or errors.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bot.config import Settings
from bot.errors import Problem, UserError

DISCORD_TOKEN = "GAVEL_DISCORD_TOKEN"  # noqa: S105 - the name of a variable, not a secret

CORAL_SECRETS = "GAVEL_CORAL_SECRETS"

_TOKEN_HINT = (
    f"set {DISCORD_TOKEN} in the environment, or {DISCORD_TOKEN}_FILE to a file that holds it; it is"
    " shown once at discord.com/developers/applications, your application, Bot, Reset Token"
)


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


def with_secrets(settings: Settings, environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings with their secrets; raise `UserError` with all that are missing."""
    lookup = _Lookup(environment)
    chat, web = settings.discord, settings.http
    if chat is not None:
        chat = replace(chat, token=lookup.need(DISCORD_TOKEN, "Discord's token", _TOKEN_HINT))
    if web is not None:
        web = replace(
            web,
            webhooks=tuple(
                replace(each, secret=lookup.need_of("WEBHOOK", each.name)) for each in web.webhooks
            ),
            signers=tuple(
                replace(each, secret=lookup.need_of("SIGNER", each.name)) for each in web.signers
            ),
            coral_secrets=tuple((secret(CORAL_SECRETS, environment) or "").split()),
        )
    if lookup.problems:
        raise UserError(lookup.problems)
    return replace(settings, discord=chat, http=web)


def discord_token(environment: Mapping[str, str] = os.environ) -> str:
    """Return Discord's token, where there are no settings yet; raise `UserError` without one."""
    lookup = _Lookup(environment)
    token = lookup.need(DISCORD_TOKEN, "Discord's token", _TOKEN_HINT)
    if lookup.problems:
        raise UserError(lookup.problems)
    return token


def secrets_in(settings: Settings) -> tuple[str, ...]:
    """Return all secrets of the settings, for the logs to strike out."""
    found = [settings.discord.token] if settings.discord else []
    if settings.http:
        found += [each.secret for each in settings.http.webhooks]
        found += [each.secret for each in settings.http.signers]
        found += settings.http.coral_secrets
    return tuple(filter(None, found))


class _Lookup:
    """Looks secrets up, and remembers all that are missing."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[Problem] = []

    def need(self, name: str, what: str, hint: str) -> str:
        try:
            found = secret(name, self._environment)
        except UserError as error:
            self.problems += error.problems
            return ""
        if not found:
            self.problems.append(Problem("secret", f"{what} is missing", hint=hint))
        return found or ""

    def need_of(self, kind: str, name: str) -> str:
        variable = f"GAVEL_{kind}_SECRET_{name.upper()}"
        hint = f"set {variable} in the environment, or {variable}_FILE to a file that holds it"
        return self.need(variable, f"the secret of the {kind.lower()} {name}", hint)


def _read(path: Path, where: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise UserError(f"cannot read the file {path} of {where}: {reason}") from None
