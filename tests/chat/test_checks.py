"""The start is refused, with the way to mend it, while something would not work."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.chat.checks import Place, Server, Sight, all_problems, invite
from bot.chat.settings import ChatSettings
from bot.errors import Problem, UserError
from tests.chat.house import House, house
from tests.fakes.discord.world import EMBED, EVERYBODY

INTENT = (
    "turn on Message Content Intent: discord.com/developers/applications, your application, Bot,"
    " Privileged Gateway Intents"
)


def no_intent(gavel: House) -> None:
    gavel.discord.world.flags = 0


def refused_intent(gavel: House) -> None:
    gavel.discord.faults.refuse_intents = True


def presses_elsewhere(gavel: House) -> None:
    gavel.discord.world.interactions_endpoint = "https://elsewhere.example/"


def no_channel(gavel: House) -> None:
    del gavel.discord.world.channels[gavel.review]


def public_channel(gavel: House) -> None:
    gavel.discord.world.channels[gavel.review]["permission_overwrites"] = []


def no_embeds(gavel: House) -> None:
    role = gavel.discord.world.roles[gavel.discord.world.app.roles[0]]
    role["permissions"] = str(EVERYBODY & ~EMBED)


def everybody_decides(gavel: House) -> None:
    gavel.mods = gavel.discord.world.guild_id


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (no_intent, f"error: the bot may not read what messages say\n  hint: {INTENT}"),
        (refused_intent, f"error: Discord refuses the intents\n  hint: {INTENT}"),
        (
            presses_elsewhere,
            (
                "error: Discord sends presses and commands to another address, not to the bot\n"
                "  hint: empty Interactions Endpoint URL: discord.com/developers/applications, your"
                " application, General Information"
            ),
        ),
        (
            no_channel,
            (
                "error: there is no review channel {review} that the bot can see\n"
                "  hint: mend discord.review_channel (right click the channel, Copy Channel ID), and"
                " give the bot View Channels there"
            ),
        ),
        (
            public_channel,
            (
                "error: everybody can read the review channel #review\n"
                "  hint: take View Channels from @everyone there: cards repeat the abuse, and name"
                " rules"
            ),
        ),
        (
            no_embeds,
            (
                "error: in #review the bot lacks: Embed Links\n"
                "  hint: give these permissions to the bot's role in that channel's settings"
            ),
        ),
        (
            everybody_decides,
            (
                "error: discord.moderator_roles names @everyone: everybody could decide\n"
                "  hint: name a role that only moderators have"
            ),
        ),
    ],
)
async def test_the_start_is_refused(
    tmp_path: Path, broken: Callable[[House], None], message: str
) -> None:
    async with house(tmp_path) as gavel:
        broken(gavel)
        with pytest.raises(UserError) as refused:
            async with gavel.running():
                raise AssertionError("it must not start")
        assert refused.value.render() == message.format(review=gavel.review)


async def test_a_token_is_never_shown(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel:
        assert gavel.discord.token not in repr(gavel.settings)


# --- what is seen, and what is wrong with it ---------------------------------------------------

READS = frozenset({"View Channels", "Read Message History"})
POSTS = READS | {"Send Messages", "Embed Links"}
ACTS = frozenset({"Manage Messages", "Timeout Members", "Kick Members", "Ban Members"})
REVIEW = Place(20, "review", POSTS, public=False, takes_cards=True)
GENERAL = Place(21, "general", READS, public=True, takes_cards=True)
SERVER = Server(10, "Lantern", (REVIEW, GENERAL), {"30": "Moderator"}, POSTS | ACTS)
SETTINGS = ChatSettings("", 10, 20, frozenset({"30"}))


def problems(server: Server | None = SERVER, settings: ChatSettings = SETTINGS) -> list[str]:
    seen = Sight(reads_content=True, hears_presses=True, server=server)
    return [each.render() for each in all_problems(seen, settings)]


def test_all_is_well() -> None:
    assert problems() == []


def test_a_server_without_the_bot() -> None:
    assert problems(None) == [
        (
            "error: the bot is not on the server 10\n"
            "  hint: invite it with the scopes bot and applications.commands, or mend discord.guild"
        )
    ]


def test_a_voice_channel_takes_no_cards() -> None:
    voice = replace(REVIEW, takes_cards=False)
    assert problems(replace(SERVER, places=(voice, GENERAL))) == [
        "error: the review channel #review is no text channel\n  hint: name a text channel"
    ]


def test_those_who_read_without_deciding_are_named() -> None:
    review = replace(REVIEW, readers=frozenset({"30", "31"}))
    roles = {"31": "Member", "30": "Moderator"}
    assert problems(replace(SERVER, places=(review, GENERAL), roles=roles)) == [
        (
            "warning: who does not decide can read the review channel #review: Member\n"
            "  hint: take View Channels from these roles there, or name them in"
            " discord.moderator_roles"
        )
    ]


def test_a_role_that_is_not_there() -> None:
    assert problems(settings=replace(SETTINGS, moderator_roles=frozenset({"30", "31"}))) == [
        (
            "error: there is no role 31 on the server Lantern\n"
            "  hint: mend discord.moderator_roles (Server Settings, Roles, Copy Role ID)"
        )
    ]


def test_a_channel_to_be_screened_that_is_not_there() -> None:
    assert problems(settings=replace(SETTINGS, channels=frozenset({"21", "99"}))) == [
        (
            "error: there is no channel 99 on the server Lantern to be screened\n"
            "  hint: mend discord.channels"
        )
    ]


def test_channels_that_cannot_be_read_are_named() -> None:
    shut = tuple(
        Place(40 + n, f"shut-{n}", frozenset(), public=False, takes_cards=True) for n in range(12)
    )
    server = replace(SERVER, places=(REVIEW, *shut))
    names = ", ".join(f"#shut-{n}" for n in range(10))
    assert problems(server) == [
        (
            f"warning: the bot cannot read, and so does not screen: {names} and 2 more\n"
            "  hint: give it View Channels and Read Message History there, or list them under"
            " discord.exempt_channels"
        )
    ]
    assert problems(server, replace(SETTINGS, channels=frozenset({"41"}))) == [
        (
            "error: the bot cannot read, and so does not screen: #shut-1\n"
            "  hint: give it View Channels and Read Message History there, or take them out of"
            " discord.channels"
        )
    ]
    exempt = frozenset(str(place.id) for place in shut)
    assert problems(server, replace(SETTINGS, exempt_channels=exempt)) == []


def test_what_the_bot_could_not_do_is_a_warning() -> None:
    assert problems(replace(SERVER, may=POSTS)) == [
        (
            "warning: on the server Lantern the bot lacks: Manage Messages, Timeout Members, Kick"
            " Members, Ban Members\n"
            "  hint: give them to the bot's role where moderators or rules are to remove, time out,"
            " kick or ban; without them the card says that it was not done"
        )
    ]


def test_all_problems_come_at_once() -> None:
    seen = Sight(reads_content=False, hears_presses=False, server=None)
    assert [type(each) for each in all_problems(seen, SETTINGS)] == [Problem] * 3


def test_the_invitation_asks_for_no_more_than_is_needed() -> None:
    view, send, embed, history = 1 << 10, 1 << 11, 1 << 14, 1 << 16
    kick, ban, manage_messages, moderate = 1 << 1, 1 << 2, 1 << 13, 1 << 40
    needed = view | send | embed | history | kick | ban | manage_messages | moderate
    assert invite(123) == (
        "https://discord.com/oauth2/authorize?client_id=123&scope=bot+applications.commands"
        f"&permissions={needed}"
    )
