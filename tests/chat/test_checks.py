"""The start is refused, with the way to mend it, while something would not work."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import UserError
from tests.chat.house import House, house
from tests.fakes.discord.world import EMBED, EVERYBODY


def no_intent(gavel: House) -> None:
    gavel.discord.world.flags = 0


def refused_intent(gavel: House) -> None:
    gavel.discord.faults.refuse_intents = True


def no_channel(gavel: House) -> None:
    del gavel.discord.world.channels[gavel.review]


def public_channel(gavel: House) -> None:
    gavel.discord.world.channels[gavel.review]["permission_overwrites"] = []


def no_embeds(gavel: House) -> None:
    role = gavel.discord.world.roles[gavel.discord.world.app.roles[0]]
    role["permissions"] = str(EVERYBODY & ~EMBED)


@pytest.mark.parametrize(
    ("broken", "message", "hint"),
    [
        (no_intent, "may not read what messages say", "Message Content Intent"),
        (refused_intent, "refuses the intents", "Message Content Intent"),
        (no_channel, "no review channel", "discord.review_channel"),
        (public_channel, "everybody can read the review channel #review", "@everyone"),
        (no_embeds, "lacks: Embed Links", "give these permissions"),
    ],
)
async def test_the_start_is_refused(
    tmp_path: Path, broken: Callable[[House], None], message: str, hint: str
) -> None:
    async with house(tmp_path) as gavel:
        broken(gavel)
        with pytest.raises(UserError) as refused:
            async with gavel.running():
                raise AssertionError("it must not start")
        assert message in str(refused.value)
        assert hint in str(refused.value)


async def test_a_token_is_never_shown(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel:
        assert gavel.discord.token not in repr(gavel.settings)
