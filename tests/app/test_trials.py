"""`/dryrun` as moderators get it: a summary, a report, and the difference that a file would make."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app.aside import Aside
from bot.app.trials import Trials
from bot.chat.settings import Trial, Upload
from bot.model import Author, Comment
from bot.review import RefusedError
from bot.rules import RuleBook
from bot.verdict import Policy
from tests.app.running import RULES, town
from tests.fakes.discord import Visit
from tests.fakes.scorer import FixedScorer

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TEXTS = ("you muppet", "an acorn", "what a lovely day", "muppet and acorn")


def trials(folder: Path) -> Trials:
    rules = folder / "rules"
    rules.mkdir()
    (rules / "house.yaml").write_text(RULES, encoding="utf-8")
    return Trials(RuleBook(rules), Policy(), Aside(FixedScorer()))


def listed(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def comments() -> tuple[Comment, ...]:
    return tuple(
        Comment(
            str(number),
            text,
            "discord",
            "general",
            Author("ann", "ann"),
            NOON + timedelta(minutes=number),
        )
        for number, text in enumerate(TEXTS)
    )


async def test_a_channel_is_summarised_and_reported(tmp_path: Path) -> None:
    found = await trials(tmp_path).run(Trial(comments()))
    assert found.summary == (
        "**Of 4 comments, 2 would go to review.**\n"
        "1 May 2026: 2 reviews in 3 minutes.\n"
        "`house.muppet`: 2 hits, 2 found by no other rule"
    )
    page = found.report.decode()
    assert page.startswith("<!doctype html>")
    assert "house.muppet" in page


async def test_an_archive_is_read_with_its_problems(tmp_path: Path) -> None:
    rows = [json.dumps({"id": str(i), "text": text}) for i, text in enumerate(TEXTS)]
    upload = Upload("../../thread.jsonl", "\n".join([*rows, "{broken"]).encode())
    found = await trials(tmp_path).run(Trial(archive=upload))
    assert "Of 4 comments, 2 would go to review." in found.summary
    assert "1 problem while reading; the report tells." in found.summary
    assert b"thread.jsonl" in found.report
    assert {path.name for path in listed(tmp_path)} == {"rules"}


async def test_an_attached_file_stands_in_for_the_live_one_of_its_name(tmp_path: Path) -> None:
    rules = Upload("house.yaml", RULES.replace("words: [muppet]", "words: [acorn]").encode())
    found = await trials(tmp_path).run(Trial(comments(), rules=rules))
    assert found.summary.splitlines()[0] == (
        "**Against the live rules:** 1 newly flagged, 1 no longer flagged, 0 treated otherwise,"
        " of 4."
    )
    assert "Of 4 comments, 2 would go to review." in found.summary
    assert "the live rules" in found.difference.decode()
    assert "house.muppet" in found.report.decode()


async def test_an_attached_file_of_another_name_is_added(tmp_path: Path) -> None:
    more = RULES.replace("house.muppet", "house.acorn").replace("[muppet]", "[acorn]")
    found = await trials(tmp_path).run(Trial(comments(), rules=Upload("acorn.yml", more.encode())))
    assert "1 newly flagged, 0 no longer flagged" in found.summary


async def test_a_copy_of_a_live_file_stands_in_for_it_whatever_its_name(tmp_path: Path) -> None:
    copy = Upload("house (1).yaml", RULES.replace("[muppet]", "[muppet, lovely]").encode())
    found = await trials(tmp_path).run(Trial(comments(), rules=copy))
    assert "1 newly flagged, 0 no longer flagged" in found.summary


async def test_a_part_of_a_live_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    live = trials(tmp_path)
    both = RULES + RULES.partition("rules:")[2].replace("house.muppet", "house.acorn")
    (tmp_path / "rules/house.yaml").write_text(both, encoding="utf-8")
    live.book.reload()
    with pytest.raises(RefusedError) as caught:
        await live.run(Trial(comments(), rules=Upload("part.yaml", RULES.encode())))
    assert str(caught.value) == (
        "`house.muppet` stands in house.yaml, with rules that part.yaml leaves out: attach the whole"
        " file as it is to be, and it is tried in its place."
    )


@pytest.mark.parametrize(
    ("trial", "said"),
    [
        (Trial(archive=Upload("x.bin", b"\x00\x01\x02\x03")), "x.bin"),
        (Trial(rules=Upload("rules.zip", b"")), "name ending in .yaml"),
        (Trial(rules=Upload("more.yaml", b"rules: []")), "more.yaml:1:8"),
    ],
)
async def test_what_cannot_be_used_is_refused_with_its_place(
    tmp_path: Path, trial: Trial, said: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        await trials(tmp_path).run(trial)
    assert said in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
    assert "/tmp" not in str(caught.value)  # noqa: S108 - the very folder that must not be told


async def test_a_trial_tells_its_progress_and_what_it_found_when_stopped(tmp_path: Path) -> None:
    counted: list[int] = []
    many = tuple(replace(comments()[0], id=str(number)) for number in range(2_000))

    def enough() -> bool:
        return sum(counted) >= 500

    found = await trials(tmp_path).run(Trial(many, progress=counted.append, stopped=enough))
    assert 500 <= sum(counted) < 2_000
    assert found.summary.startswith("Stopped for want of time")
    assert f"Of {sum(counted):,} comments" in found.summary


async def test_a_moderator_attaches_an_archive_and_rules(tmp_path: Path) -> None:
    rows = [json.dumps({"id": str(i), "text": text}) for i, text in enumerate(TEXTS)]
    acorns = RULES.replace("words: [muppet]", "words: [acorn]")
    files = {
        "archive": ("thread.jsonl", "\n".join(rows).encode()),
        "rules": ("house.yaml", acorns.encode()),
    }
    async with town(tmp_path) as here, here.serving():
        visit = await here.discord.command(here.mod, here.review, "dryrun", files=files)
        await here.discord.until(lambda: len(sent(visit)) == 2)
        assert sent(visit) == ["gavel-difference.html", "gavel-dry-run.html"]
        assert "1 newly flagged, 1 no longer flagged" in "".join(visit.texts)


def sent(visit: Visit) -> list[str]:
    return [name for shown in visit.shown.values() for name, _ in shown.get("files", ())]


async def test_a_trial_ends_when_the_bot_stops(tmp_path: Path) -> None:
    ready = trials(tmp_path)
    ready.aside.close()
    with pytest.raises(Exception, match="the bot stops"):
        await ready.run(Trial(comments()))
