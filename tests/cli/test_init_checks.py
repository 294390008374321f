"""`gavel init` checks before it writes: nothing is written while a check fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.chat.checks import invite
from tests.cli.conftest import Run
from tests.cli.discord import INTENT, Guild, given, no_intent
from tests.fakes.discord.world import EMBED, EVERYBODY


def elsewhere(guild: Guild) -> None:
    guild.id = "123456789012345678"


def no_channel(guild: Guild) -> None:
    guild.review = "123456789012345678"


def public_channel(guild: Guild) -> None:
    guild.discord.world.channels[guild.review]["permission_overwrites"] = []


def no_embeds(guild: Guild) -> None:
    world = guild.discord.world
    world.roles[world.app.roles[0]]["permissions"] = str((1 << 60) - 1 & ~EMBED & ~(1 << 3))
    assert EVERYBODY


def no_role(guild: Guild) -> None:
    del guild.discord.world.channels[guild.review]["permission_overwrites"][-1]
    guild.mods = "123456789012345678"


def everybody(guild: Guild) -> None:
    del guild.discord.world.channels[guild.review]["permission_overwrites"][-1]
    guild.mods = guild.id


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (no_intent, f"error: the bot may not read what messages say\n  hint: {INTENT}\n"),
        (
            elsewhere,
            (
                "error: the bot is not on the server 123456789012345678\n"
                "  hint: invite it with the scopes bot and applications.commands, or mend"
                " discord.guild\n"
            ),
        ),
        (
            no_channel,
            (
                "error: there is no review channel 123456789012345678 that the bot can see\n"
                "  hint: mend discord.review_channel (right click the channel, Copy Channel ID), and"
                " give the bot View Channels there\n"
            ),
        ),
        (
            public_channel,
            (
                "error: everybody can read the review channel #review\n"
                "  hint: take View Channels from @everyone there: cards repeat the abuse, and name"
                " rules\n"
            ),
        ),
        (
            no_embeds,
            (
                "error: in #review the bot lacks: Embed Links\n"
                "  hint: give these permissions to the bot's role in that channel's settings\n"
            ),
        ),
        (
            no_role,
            (
                "error: there is no role 123456789012345678 on the server The Guild\n"
                "  hint: mend discord.moderator_roles (Server Settings, Roles, Copy Role ID)\n"
            ),
        ),
        (
            everybody,
            (
                "error: discord.moderator_roles names @everyone: everybody could decide\n"
                "  hint: name a role that only moderators have\n"
            ),
        ),
    ],
)
def test_nothing_is_written_while_a_check_fails(
    init: Run, guild: Guild, folder: Path, broken: Callable[[Guild], None], message: str
) -> None:
    broken(guild)
    done = init(*given(guild))
    assert done.code == 1
    assert done.err == f"{message}\nNothing was written.\n"
    assert not (folder / "config.yaml").exists()
    assert init(*given(guild), "--skip-checks").code == 0
    assert (folder / "config.yaml").exists()


def test_a_warning_is_shown_and_does_not_stop(init: Run, guild: Guild) -> None:
    world = guild.discord.world
    role = world.roles[world.app.roles[0]]
    role["permissions"] = str(int(role["permissions"]) & ~(1 << 2))
    done = init(*given(guild))
    assert done.code == 0
    assert done.err == (
        "warning: on the server The Guild the bot lacks: Ban Members\n"
        "  hint: give them to the bot's role where moderators or rules are to remove, time out,"
        " kick or ban; without them the card says that it was not done\n\n"
    )


def test_a_role_that_hides_the_commands_is_told_of(init: Run, guild: Guild) -> None:
    world = guild.discord.world
    world.roles[guild.mods]["permissions"] = "0"
    done = init(*given(guild))
    assert done.code == 0
    assert done.err == (
        "warning: these roles decide, but do not show the bot's commands to their members:"
        " Moderator\n"
        "  hint: give them Manage Messages, or add them under Server Settings, Integrations, the"
        " bot; the buttons of cards work all the same\n\n"
    )
    shown = {"id": guild.mods, "type": 1, "permission": True}
    world.command_permissions = [{"id": world.app.id, "permissions": [shown]}]
    assert init(*given(guild), "--force").err == ""
    world.command_permissions = None
    assert "do not show the bot's commands" in init(*given(guild), "--force").err


def test_a_token_that_discord_refuses(
    init: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAVEL_DISCORD_TOKEN", "an-old-token")
    done = init()
    assert done.code == 2
    assert done.err == (
        "error: Discord refuses the token\n"
        "  hint: reset it (discord.com/developers/applications, your application, Bot) and set it"
        " in the environment\n"
    )
    assert not (folder / "config.yaml").exists()


def test_no_token(init: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GAVEL_DISCORD_TOKEN")
    done = init()
    assert done.code == 2
    assert done.err == (
        "error: Discord's token is missing\n"
        "  hint: set GAVEL_DISCORD_TOKEN in the environment, or GAVEL_DISCORD_TOKEN_FILE to a file"
        " that holds it; it is shown once at discord.com/developers/applications, your"
        " application, Bot, Reset Token\n"
    )


def test_a_bot_on_no_server_is_told_how_to_come(init: Run, guild: Guild) -> None:
    guild.discord.world.joined = False
    done = init()
    assert done.code == 2
    assert invite(int(guild.discord.world.app.id)) in done.out
    assert done.err == (
        "error: gavel is on no server yet\n"
        "  hint: open the address above, choose your server, and begin again\n"
    )


def test_an_address_where_nothing_answers(gavel: Run, guild: Guild) -> None:
    assert guild.discord.token
    done = gavel("init", "--api-base", "http://127.0.0.1:9/api/v10")
    assert done.code == 2
    assert done.err.startswith("error: Discord does not answer at http://127.0.0.1:9/api/v10: ")


def test_an_id_that_is_none(init: Run, guild: Guild) -> None:
    done = init(*given(guild)[:2], "--review-channel", "#review")
    assert done.code == 2
    assert done.err == (
        'error: --review-channel must be an id, not "#review"\n'
        "  hint: Discord: Settings, Advanced, Developer Mode; then right click, Copy ID\n"
    )


def test_what_gavel_could_not_read_is_not_written(gavel: Run, folder: Path) -> None:
    words = ["--guild", "12", "--review-channel", "13", "--moderator-role", "14"]
    done = gavel("init", "--skip-checks", *words, "--no-copy-rules", "--no-save-token")
    assert done.code == 2
    assert done.err.startswith('config.yaml:5:10: error: "guild" must be an id of 15 to 20 digits')
    assert not (folder / "config.yaml").exists()
