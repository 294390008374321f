"""Secrets: where they may stand, and that all that are missing are told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app.tokens import secret, secrets_in, with_secrets
from bot.chat.settings import ChatSettings
from bot.config import Settings
from bot.errors import UserError
from bot.web.settings import Signer, Webhook, WebSettings

CHAT = ChatSettings("", 1, 2, frozenset())
WEB = WebSettings(webhooks=(Webhook("shop", "https://x", ""),), signers=(Signer("blog", ""),))


def test_a_secret_may_stand_in_three_places(tmp_path: Path) -> None:
    file = tmp_path / "GAVEL_X"
    file.write_text("from a file\n", encoding="utf-8")
    assert secret("GAVEL_X", {"GAVEL_X": "here"}) == "here"
    assert secret("GAVEL_X", {"GAVEL_X_FILE": str(file)}) == "from a file"
    assert secret("GAVEL_X", {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == "from a file"
    assert secret("GAVEL_Y", {"CREDENTIALS_DIRECTORY": str(tmp_path)}) is None
    assert secret("GAVEL_X", {}) is None


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match="cannot read the file /nowhere of GAVEL_X_FILE"):
        secret("GAVEL_X", {"GAVEL_X_FILE": "/nowhere"})


def test_all_that_are_missing_are_told_at_once() -> None:
    with pytest.raises(UserError) as caught:
        with_secrets(Settings(discord=CHAT, http=WEB), {})
    assert caught.value.render() == (
        "error: Discord's token is missing\n"
        "  hint: set GAVEL_DISCORD_TOKEN in the environment, or GAVEL_DISCORD_TOKEN_FILE to a file"
        " that holds it; it is shown once at discord.com/developers/applications, your"
        " application, Bot, Reset Token\n"
        "\n"
        "error: the secret of the webhook shop is missing\n"
        "  hint: set GAVEL_WEBHOOK_SECRET_SHOP in the environment, or"
        " GAVEL_WEBHOOK_SECRET_SHOP_FILE to a file that holds it\n"
        "\n"
        "error: the secret of the signer blog is missing\n"
        "  hint: set GAVEL_SIGNER_SECRET_BLOG in the environment, or"
        " GAVEL_SIGNER_SECRET_BLOG_FILE to a file that holds it"
    )


def test_secrets_are_filled_in_and_never_shown() -> None:
    environment = {
        "GAVEL_DISCORD_TOKEN": "token-1",
        "GAVEL_WEBHOOK_SECRET_SHOP": "token-2",
        "GAVEL_SIGNER_SECRET_BLOG": "token-3",
        "GAVEL_CORAL_SECRETS": "token-4 token-5",
    }
    found = with_secrets(Settings(discord=CHAT, http=WEB), environment)
    assert secrets_in(found) == ("token-1", "token-2", "token-3", "token-4", "token-5")
    assert "token-" not in repr(found)
