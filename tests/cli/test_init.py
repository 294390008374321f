"""`gavel init`: asks, checks, and only then writes."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from bot.chat.checks import invite
from bot.config import load_settings
from tests.cli.conftest import Run
from tests.cli.discord import INTENT, Guild, given, no_intent


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
