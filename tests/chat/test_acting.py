"""Effects: only where a rule may, on whom it may, written down, and never twice."""

import asyncio
from pathlib import Path

from bot.model import Mode
from tests.chat.house import House, house, labels
from tests.fakes.discord import Fault


def done(gavel: House) -> str:
    return gavel.field("Done")


async def spam(gavel: House, author: str) -> str:
    message = await gavel.discord.say(author, gavel.general, "buy now")
    await gavel.until_cards(1)
    await gavel.discord.until(lambda: len(done(gavel).splitlines()) == 2)
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
        assert done(gavel) == "Message deleted\nAuthor warned"


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
        assert "timeout 10 min not done: they are no longer a member" in done(gavel)


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
        assert "Message deleted: it was already gone" in done(gavel)


async def held(gavel: House, text: str = "she lives in *elm street* 4") -> str:
    message = await gavel.discord.say(gavel.ann, gavel.general, text)
    await gavel.until_cards(1)
    await gavel.discord.until(lambda: "hidden" in done(gavel))
    return message


def told(gavel: House) -> list[str]:
    """Return what was said to ann in private."""
    world = gavel.discord.world
    rooms = [c["id"] for c in world.channels.values() if c["name"] == f"dm-{gavel.ann}"]
    return [each["content"] for room in rooms for each in world.messages[room].values()]


async def test_what_is_held_is_hidden_and_posted_again_after_a_false_alarm(tmp_path: Path) -> None:
    async with house(tmp_path, mode=Mode.ENFORCE) as gavel, gavel.running():
        world = gavel.discord.world
        message = await held(gavel)
        assert world.messages[gavel.general] == {}
        assert world.audit == [("remove", message, "Gavel case 1: abuse.address (automatic)")]
        assert done(gavel) == "Message hidden until it is decided: the author was told"
        (words,) = told(gavel)
        assert "hidden until a moderator has looked" in words
        assert "elm" not in words
        await gavel.discord.press(gavel.mod, gavel.review, gavel.card(), "False alarm")
        await gavel.discord.until(lambda: world.messages[gavel.general])
        (again,) = world.messages[gavel.general].values()
        (embed,) = again["embeds"]
        assert embed["author"]["name"] == "ann"
        assert embed["description"] == r"she lives in \*elm street\* 4"
        assert "found nothing wrong" in embed["footer"]["text"]
        await gavel.discord.until(lambda: "posted again" in done(gavel))


async def test_what_is_held_and_upheld_stays_gone(tmp_path: Path) -> None:
    async with house(tmp_path, mode=Mode.ENFORCE) as gavel, gavel.running():
        await held(gavel)
        assert "Uphold" in labels(gavel.cards[0])
        await gavel.discord.press(gavel.mod, gavel.review, gavel.card(), "Uphold")
        await gavel.until_titled("Upheld")
        await gavel.discord.press(gavel.mod, gavel.review, gavel.card(), "Undo")
        await gavel.until_titled("Case 1 · To hold for review")
        assert gavel.discord.world.messages[gavel.general] == {}
        assert [what for what, _, _ in gavel.discord.world.audit] == ["remove"]


async def test_in_review_mode_nothing_is_held(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        await gavel.discord.say(gavel.ann, gavel.general, "elm street 4")
        await gavel.until_cards(1)
        assert len(gavel.discord.world.messages[gavel.general]) == 1
        await gavel.discord.press(gavel.mod, gavel.review, gavel.card(), "Uphold · remove")
        await gavel.discord.until(lambda: not gavel.discord.world.messages[gavel.general])


async def test_an_author_need_not_be_told_of_a_hold(tmp_path: Path) -> None:
    async with house(tmp_path, mode=Mode.ENFORCE, tell_when_held=False) as gavel, gavel.running():
        await held(gavel)
        assert done(gavel) == "Message hidden until it is decided"
        assert told(gavel) == []


async def test_a_hold_whose_answer_was_lost_counts_as_done_and_is_told_once(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, mode=Mode.ENFORCE) as gavel, gavel.running():
        gavel.discord.faults.requests.append(Fault("lost answer", "DELETE", "/messages/"))
        await held(gavel)
        assert done(gavel) == "Message hidden until it is decided: the author was told"
        assert len(told(gavel)) == 1


async def test_what_its_author_deleted_first_is_not_posted_again(tmp_path: Path) -> None:
    async with house(tmp_path, mode=Mode.ENFORCE) as gavel:
        async with gavel.running():
            await gavel.discord.say(gavel.mod, gavel.general, "hello")
        world = gavel.discord.world
        await gavel.discord.say(gavel.ann, gavel.general, "elm street 4")
        edge, outbox = gavel._build()
        running = asyncio.create_task(edge.run())
        await gavel.discord.until(lambda: gavel.discord.gateway.identified == 2)
        while await gavel.store.cases.case(1) is None:  # noqa: ASYNC110 - the store tells nobody
            await asyncio.sleep(0.01)
        (_, message) = world.messages[gavel.general]
        await gavel.discord.delete(gavel.general, message)
        while not (case := await gavel.store.cases.case(1)) or not case.deleted:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
        sending = asyncio.create_task(outbox.run())
        await gavel.discord.until(lambda: "hold" in done(gavel) if gavel.cards else None)
        assert done(gavel) == "hold not done: its author deleted it first"
        await gavel.discord.press(gavel.mod, gavel.review, gavel.card(), "False alarm")
        await gavel.until_titled("False alarm")
        assert [each["content"] for each in world.messages[gavel.general].values()] == ["hello"]
        sending.cancel()
        await edge.close()
        await asyncio.gather(running, sending, return_exceptions=True)


async def test_a_bot_is_acted_on_as_far_as_discord_can(tmp_path: Path) -> None:
    async with house(tmp_path, mode=Mode.ENFORCE, screen_bots=True) as gavel, gavel.running():
        robot = gavel.discord.world.add_member("robot", bot=True)
        await spam(gavel, robot)
        assert done(gavel).splitlines() == [
            "Message deleted",
            r"warn not done: Discord does not allow it\: Invalid Recipient\(s\)",
        ]
        await gavel.discord.say(robot, gavel.general, "elm street 4")
        await gavel.until_cards(2)
        await gavel.discord.until(
            lambda: gavel.field("Done", 1) == "Message hidden until it is decided"
        )


async def by_webhook(gavel: House, text: str) -> None:
    world = gavel.discord.world
    message = world.post(gavel.general, gavel.ann, {"content": text})
    name = {**world.user(gavel.ann), "id": "555", "username": "Hook", "bot": True}
    message |= {"webhook_id": "555", "author": name}
    await gavel.discord.gateway.dispatch("MESSAGE_CREATE", world.event(message))
    await gavel.until_cards(1)


async def test_what_cannot_be_done_to_a_webhook_is_not_offered(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        await by_webhook(gavel, "you muppet")
        assert labels(gavel.cards[0])[0] == "Uphold"
        assert gavel.field("Author").endswith(
            "a webhook, and nobody's member: nothing can be done to its author"
        )
        assert "<@" not in gavel.field("Author")
        more = await gavel.discord.press(gavel.mod, gavel.review, gavel.card(), "More")
        assert await more.text() == (
            "Case 1: what else?\nLess than usual: a webhook wrote it, and is nobody's member."
        )
        ((shown, message),) = more.shown.items()
        (select,) = message["components"][0]["components"]
        upholds = [each["value"] for each in select["options"] if "uphold" in each["value"]]
        assert upholds == ["uphold-only", "uphold-remove"]
        await gavel.discord.forge(
            gavel.mod, gavel.review, shown, select["custom_id"], ["uphold-remove"]
        )
        await gavel.discord.until(lambda: done(gavel))
        assert done(gavel) == "Message deleted"


async def test_the_author_of_a_webhook_s_message_is_nobody_to_act_on(tmp_path: Path) -> None:
    async with house(tmp_path, mode=Mode.ENFORCE) as gavel, gavel.running():
        await by_webhook(gavel, "you muppet")
        await gavel.discord.until(lambda: done(gavel))
        assert done(gavel) == "timeout 10 min not done: a webhook wrote it, and is nobody's member"
