"""`gavel init`: asks, checks, and only then writes."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.chat.checks import invite
from bot.config import load_settings, starter_rules
from bot.rules import load_rules
from tests.cli.conftest import Done, Run
from tests.cli.discord import Guild, guild_in_a_thread
from tests.fakes.discord.world import EMBED, EVERYBODY

ROOT = Path(__file__).parent.parent.parent
INTENT = (
    "turn on Message Content Intent: discord.com/developers/applications, your application, Bot,"
    " Privileged Gateway Intents"
)


@pytest.fixture
def guild(monkeypatch: pytest.MonkeyPatch) -> Iterator[Guild]:
    with guild_in_a_thread() as made:
        monkeypatch.setenv("GAVEL_DISCORD_TOKEN", made.discord.token)
        yield made


@pytest.fixture
def init(gavel: Run, folder: Path, guild: Guild, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `gavel init` against the fake server; `answers` are typed, a line each."""
    assert folder.is_dir()

    def run(*words: str | Path, answers: str = "") -> Done:
        monkeypatch.setattr(sys, "stdin", io.StringIO(answers))
        return gavel("init", "--api-base", guild.discord.api_base, *words)

    return run


def given(guild: Guild) -> list[str]:
    """Return the options that answer every question."""
    words = ["--guild", guild.id, "--review-channel", guild.review]
    words += ["--moderator-role", guild.mods, "--all-channels"]
    return [*words, "--no-copy-rules", "--no-save-token"]


def test_a_few_answers_make_a_configuration(init: Run, guild: Guild, folder: Path) -> None:
    done = init(answers="2\n1\nall\n")
    assert done.code == 0, done.err
    assert (folder / "config.yaml").read_text() == (
        "# Settings of Gavel, written by gavel init; config.example.yaml shows every key.\n"
        f"# {guild.id}: The Guild\n"
        f"# {guild.review}: #review\n"
        f"# {guild.mods}: Moderator\n"
        "\n"
        "rules: rules\n"
        "discord:\n"
        f'  guild: "{guild.id}"\n'
        f'  review_channel: "{guild.review}"\n'
        "  moderator_roles:\n"
        f'    - "{guild.mods}"\n'
        f"  api_base: {guild.discord.api_base}\n"
        f"  gateway_url: {guild.discord.gateway.address}\n"
    )
    assert done.out == (
        "The token is that of gavel. This address adds it to a server, with the permissions that"
        " it needs:\n"
        f"  {invite(int(guild.discord.world.app.id))}\n"
        "Server: The Guild\n"
        "Review cards repeat the abuse: only moderators may read their channel.\n"
        "   1  #general (everybody can read it)\n"
        "   2  #review\n"
        "Review channel (a number): "
        "   1  Moderator\n"
        "   2  Helper\n"
        "Whose members may decide? (numbers with commas): "
        "   1  #general\n"
        "Which channels are screened? (numbers with commas, or all) [all]: "
        "Wrote config.yaml.\n"
        "\n"
        "Next:\n"
        "  gavel doctor\n"
        "  gavel run\n"
    )


def test_every_question_has_an_option(init: Run, guild: Guild) -> None:
    done = init(*given(guild), "--api-base", guild.discord.api_base + "/")
    assert done.code == 0, done.err
    chat = load_settings(None).discord
    assert chat is not None
    assert (chat.guild, chat.review_channel) == (int(guild.id), int(guild.review))
    assert chat.moderator_roles == {guild.mods}
    assert chat.channels == frozenset()
    assert chat.gateway_url == guild.discord.gateway.address


def test_several_roles_and_channels(init: Run, guild: Guild) -> None:
    done = init("--no-copy-rules", answers="2\n1, 2\n1\n")
    assert done.code == 0, done.err
    chat = load_settings(None).discord
    assert chat is not None
    assert chat.moderator_roles == {guild.mods, guild.helpers}
    assert chat.channels == {guild.general}


def test_an_answer_that_is_none_is_asked_again(init: Run) -> None:
    shutil.rmtree("rules")
    done = init(answers="9\n1,2\n2\nx\n\n1\n\nperhaps\nno\n")
    assert done.code == 0, done.err
    assert done.out.count("Please give one number from 1 to 2.") == 2
    assert done.out.count("Please give numbers from 1 to 2, as in 1,2.") == 1
    assert done.out.count("An answer is needed; Ctrl-C ends it.") == 1
    assert done.out.count("Please answer yes or no.") == 1


PUBLIC = (
    "error: everybody can read the review channel #general\n"
    "  hint: take View Channels from @everyone there: cards repeat the abuse, and name rules\n"
    "Take another, or mend this one in Discord and take it again.\n"
)


def test_a_public_review_channel_is_refused_at_once_and_asked_for_again(
    init: Run, guild: Guild
) -> None:
    done = init("--no-copy-rules", answers="1\n2\n1\nall\n")
    assert (done.code, done.err) == (0, "")
    assert done.out.count(PUBLIC) == 1
    assert done.out.index(PUBLIC) < done.out.index("Whose members may decide?")
    chat = load_settings(None).discord
    assert chat is not None
    assert chat.review_channel == int(guild.review)


def test_a_public_review_channel_that_is_given_is_refused_at_once_and_asked_for(
    init: Run, guild: Guild
) -> None:
    words = ["--review-channel", guild.general, "--no-copy-rules"]
    done = init(*words, answers="2\n1\nall\n")
    assert (done.code, done.err) == (0, "")
    assert done.out.count(PUBLIC) == 1
    assert done.out.index(PUBLIC) < done.out.index("Review channel (a number)")
    chat = load_settings(None).discord
    assert chat is not None
    assert chat.review_channel == int(guild.review)


@pytest.mark.parametrize("known", [True, False])
def test_an_unfit_channel_that_is_given_ends_it_where_nobody_answers(
    init: Run, guild: Guild, *, known: bool
) -> None:
    done = init("--review-channel", guild.general if known else "123456789012345678")
    assert done.code == 2
    assert done.err.startswith(
        "error: everybody can read the review channel #general\n  hint: take View Channels"
        if known
        else "error: there is no review channel 123456789012345678 that the bot can see\n  hint:"
    )
    assert "Whose members may decide?" not in done.out


def test_a_missing_intent_is_told_before_anything_is_asked(init: Run, guild: Guild) -> None:
    no_intent(guild)
    done = init(answers="2\n1\nall\n")
    assert done.code == 2
    assert done.err == f"error: the bot may not read what messages say\n  hint: {INTENT}\n"
    assert "Review channel" not in done.out


def test_a_review_channel_mended_meanwhile_is_taken(
    gavel: Run, folder: Path, guild: Guild, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = guild.discord.world.channels[guild.review]["permission_overwrites"]

    answers = iter(["1", "mended", "1", "all"])

    class Stdin:
        def readline(self) -> str:
            if (answer := next(answers)) == "mended":
                guild.discord.world.channels[guild.general]["permission_overwrites"] = closed
                answer = "1"
            return answer + "\n"

    monkeypatch.setattr(sys, "stdin", Stdin())
    done = gavel("init", "--api-base", guild.discord.api_base, "--no-copy-rules")
    assert (done.code, done.err) == (0, ""), folder
    assert done.out.count("Take another, or mend this one") == 1
    chat = load_settings(None).discord
    assert chat is not None
    assert chat.review_channel == int(guild.general)


def test_a_lone_channel_that_everybody_reads_ends_it(init: Run, guild: Guild) -> None:
    del guild.discord.world.channels[guild.review]
    done = init()
    assert done.code == 2
    assert done.err.startswith("error: everybody can read the review channel #general\n")


def test_roles_of_bots_are_not_offered_as_moderators(init: Run, guild: Guild) -> None:
    world = guild.discord.world
    world.roles[world.add_role("Music", position=4)]["managed"] = True
    world.roles[guild.mods]["managed"] = world.roles[guild.helpers]["managed"] = True
    done = init(answers="2\n")
    assert done.code == 2
    assert done.err == (
        "error: The Guild has no roles that people are given\n"
        "  hint: make one for moderators: Server Settings, Roles\n"
    )


def test_a_script_is_told_which_option_answers(init: Run, folder: Path) -> None:
    done = init()
    assert done.code == 2
    assert done.err == (
        "error: nobody answered: Review channel (a number)\n  hint: answer with --review-channel\n"
    )
    assert not (folder / "config.yaml").exists()


# --- checks: nothing is written while one fails -------------------------------------------------


def no_intent(guild: Guild) -> None:
    guild.discord.world.flags = 0


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


# --- files ---------------------------------------------------------------------------------------


def test_a_file_that_exists_is_left_alone(init: Run, guild: Guild, folder: Path) -> None:
    (folder / "config.yaml").write_text("model: {name: compact}\n")
    done = init(*given(guild))
    assert done.code == 2
    assert done.err == (
        "error: config.yaml exists already\n"
        "  hint: give --force to write over it, or another place with --out\n"
    )
    assert guild.discord.rest.asked == []
    assert (folder / "config.yaml").read_text() == "model: {name: compact}\n"
    assert init(*given(guild), "--force").code == 0
    assert "discord:" in (folder / "config.yaml").read_text()


def test_the_token_stands_in_no_file_but_its_own(init: Run, guild: Guild, folder: Path) -> None:
    (folder / "there").mkdir()
    words = [word for word in given(guild) if word != "--no-save-token"]
    done = init(*words, "--save-token", "--out", "there/config.yaml")
    assert done.code == 0, done.err
    kept = folder / "there" / "discord-token"
    assert kept.read_text() == guild.discord.token + "\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert guild.discord.token not in (folder / "there/config.yaml").read_text()
    assert guild.discord.token not in done.out + done.err
    assert f"export GAVEL_DISCORD_TOKEN_FILE={kept}" in done.out
    assert "gavel run --config there/config.yaml" in done.out


def test_the_token_s_file_is_not_lost(init: Run, guild: Guild, folder: Path) -> None:
    (folder / "discord-token").write_text("another")
    words = [word for word in given(guild) if word != "--no-save-token"]
    done = init(*words, "--save-token")
    assert done.code == 2
    assert done.err == (
        "error: discord-token exists already\n"
        "  hint: give --force to write over it, or another place with --out\n"
    )
    assert (folder / "discord-token").read_text() == "another"


def test_the_starter_rules_are_copied_whole(init: Run, guild: Guild, folder: Path) -> None:
    (folder / "there").mkdir()
    words = [word for word in given(guild) if word != "--no-copy-rules"]
    assert init(*words, "--copy-rules", "--out", "there/config.yaml").code == 0
    assert load_rules(folder / "there/rules").id == load_rules(starter_rules()).id
    assert f"rules: {folder}/there/rules\n" in (folder / "there/config.yaml").read_text()


def test_rules_that_exist_are_left_alone(init: Run, guild: Guild, folder: Path) -> None:
    words = [word for word in given(guild) if word != "--no-copy-rules"]
    done = init(*words, "--copy-rules", "--force")
    assert done.code == 2
    assert done.err == "error: rules exists already\n  hint: move it away\n"
    assert [path.name for path in (folder / "rules").iterdir()] == ["own.yaml"]
    assert not (folder / "config.yaml").exists()


def test_a_folder_that_is_not_there(init: Run, guild: Guild, folder: Path) -> None:
    done = init(*given(guild)[:-2], "--copy-rules", "--out", "nowhere/config.yaml")
    assert done.code == 2
    assert done.err == "error: there is no folder nowhere\n  hint: make it, or mend --out\n"
    assert not (folder / "nowhere").exists()


def test_a_gateway_that_does_not_answer(init: Run, guild: Guild, folder: Path) -> None:
    guild.discord.faults.refuse_gateway = True
    done = init(*given(guild))
    assert done.code == 2
    assert done.err.startswith(f"error: Discord does not answer at {guild.discord.api_base}: 503")
    assert not (folder / "config.yaml").exists()


def test_without_checks_nothing_is_asked_of_discord(init: Run, guild: Guild) -> None:
    done = init("--skip-checks", answers=f"{guild.id}\n{guild.review}\n{guild.mods}\n")
    assert done.code == 0, done.err
    assert guild.discord.rest.asked == []
    chat = load_settings(None).discord
    assert chat is not None
    assert chat.moderator_roles == {guild.mods}


def test_a_token_typed_at_a_terminal_is_not_shown(tmp_path: Path, guild: Guild) -> None:
    """A real terminal: the token is typed, nothing of it is echoed, and it is kept if wished."""
    words = ["init", "--api-base", guild.discord.api_base, *given(guild)[:-1]]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    del environment["GAVEL_DISCORD_TOKEN"]
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        program = [sys.executable, "-m", "bot", *words]
        os.execve(sys.executable, program, environment)  # noqa: S606 - our own program
    shown = b""
    for prompt, answer in (b"not shown): ", guild.discord.token), (b"[no]: ", "yes"):
        while prompt not in shown:
            shown += os.read(terminal, 1024)
        os.write(terminal, answer.encode() + b"\n")
    with contextlib.suppress(OSError):  # What Linux says when the other side has gone.
        while more := os.read(terminal, 1024):
            shown += more
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, shown
    assert (tmp_path / "discord-token").read_text() == guild.discord.token + "\n"
    assert guild.discord.token.encode() not in shown
    assert b"PyNaCl" not in shown
