"""Effects: only where a rule may, on whom it may, written down, and never twice."""

from pathlib import Path

from bot.model import Mode
from tests.chat.house import House, house
from tests.fakes.discord import Fault


def done(gavel: House) -> str:
    return gavel.field("Done")


async def spam(gavel: House, author: str) -> str:
    message = await gavel.discord.say(author, gavel.general, "buy now")
    await gavel.until_cards(1)
    await gavel.discord.until(lambda: "warn" in done(gavel) and "remove" in done(gavel))
    return message


async def test_in_review_mode_nothing_is_done_before_a_press(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        await gavel.discord.say(gavel.ann, gavel.general, "buy now")
        await gavel.until_cards(1)
        assert len(gavel.discord.world.messages[gavel.general]) == 1
        await gavel.discord.press(gavel.mod, gavel.review, gavel.card(), "Uphold · remove, warn")
        await gavel.discord.until(lambda: not gavel.discord.world.messages[gavel.general])


async def test_an_enforced_rule_removes_and_warns_without_leaking_its_words(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, mode=Mode.ENFORCE) as gavel, gavel.running():
        message = await spam(gavel, gavel.ann)
        world = gavel.discord.world
        assert world.messages[gavel.general] == {}
        assert world.audit == [
            ("remove", message, "Gavel case 1: abuse.spam (automatic)"),
        ]
        (dm,) = [c for c in world.channels.values() if c["name"] == f"dm-{gavel.ann}"]
        (told,) = world.messages[dm["id"]].values()
        assert "break its rules" in told["content"]
        assert "buy" not in told["content"]
        assert done(gavel) == "remove done\nwarn done"


async def test_no_rule_acts_on_a_moderator_by_itself(tmp_path: Path) -> None:
    async with house(tmp_path, mode=Mode.ENFORCE) as gavel, gavel.running():
        await spam(gavel, gavel.mod)
        assert "warn not done: a moderator wrote it" in done(gavel)


async def test_whoever_ranks_above_the_bot_is_out_of_reach(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        world = gavel.discord.world
        owner = world.add_member("owner", world.add_role("Owner", position=9))
        await gavel.discord.say(owner, gavel.general, "you muppet")
        await gavel.until_cards(1)
        await gavel.discord.press(gavel.mod, gavel.review, gavel.card(), "Uphold")
        await gavel.discord.until(lambda: "timeout" in done(gavel))
        assert "timeout 10 min not done: Discord does not allow it" in done(gavel)
        assert world.audit == []


async def test_an_author_who_left_is_no_failure(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        await gavel.discord.say(gavel.ann, gavel.general, "you muppet")
        await gavel.until_cards(1)
        del gavel.discord.world.members[gavel.ann]
        await gavel.discord.press(gavel.mod, gavel.review, gavel.card(), "Uphold")
        await gavel.discord.until(lambda: "timeout" in done(gavel))
        assert "timeout 10 min not done: it was already gone" in done(gavel)


async def test_a_warning_whose_answer_was_lost_is_seen_once(tmp_path: Path) -> None:
    async with house(tmp_path, mode=Mode.ENFORCE) as gavel, gavel.running():
        world = gavel.discord.world
        dm = world._add_channel(f"dm-{gavel.ann}", 1, recipients=[world.user(gavel.ann)])
        gavel.discord.faults.requests.append(Fault("lost answer", "POST", f"/channels/{dm}/"))
        await spam(gavel, gavel.ann)
        assert len(world.messages[dm]) == 1


async def test_a_removal_whose_answer_was_lost_counts_as_done(tmp_path: Path) -> None:
    async with house(tmp_path, mode=Mode.ENFORCE) as gavel, gavel.running():
        gavel.discord.faults.requests.append(Fault("lost answer", "DELETE", "/messages/"))
        await spam(gavel, gavel.ann)
        assert "remove done: it was already gone" in done(gavel)
