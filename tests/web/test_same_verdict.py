"""The law of the edges: one comment, one verdict, whichever way it came."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bot.archive import open_archive
from bot.model import Comment, Verdict
from bot.pipeline import Pipeline
from bot.ports import VerdictQuery
from bot.replay import replay
from bot.rules import load_rules
from bot.store.memory import MemoryHistory
from tests.chat.house import house as chat_house
from tests.chat.house import write_rules
from tests.fakes.scorer import FixedScorer
from tests.web.house import http_house, visiting
from tests.web.test_comments import eventually, post

TEXTS = (
    "hello",
    "you muppet",
    "you m u p p e t",
    "you fool",
    "buy now, you muppet",
    "> you muppet\nnot nice",
    "call 911 at 17:45",
    "\N{GRINNING FACE} ｍｕｐｐｅｔ",
)
SCORES = {"you fool": {"insult": 0.95, "toxicity": 0.9}, "hello": {"toxicity": 0.01}}


def judged(verdict: Verdict) -> dict[str, Any]:
    """Return what a verdict says, without the names of the comment and of itself."""
    said = asdict(verdict)
    return {name: value for name, value in said.items() if name not in {"id", "comment_id"}}


async def by_chat(folder: Path, text: str) -> tuple[Comment, Verdict]:
    async with chat_house(folder, scorer=FixedScorer(SCORES)) as gavel, gavel.running():
        message = await gavel.discord.say(gavel.ann, gavel.general, text)

        async def found() -> Any:
            wanted = VerdictQuery(source="discord", comment=message)
            return await gavel.store.verdicts.verdicts(wanted, 1)

        (stored,) = await eventually(found)
        return stored.comment, stored.verdict


async def by_http(folder: Path, comment: Comment) -> Verdict:
    given = {
        "id": comment.id,
        "text": comment.text,
        "author": {"id": comment.author.id},
        "created_at": comment.created_at.isoformat() if comment.created_at else None,
    }
    async with http_house(folder, scorer=FixedScorer(SCORES)) as house:
        async with visiting(house) as session:
            status, answer = await post(session, given)
        assert status == 200
        stored = await house.store.verdicts.verdict(answer["id"])
        assert stored is not None
        return stored.verdict


async def by_archive(folder: Path, comment: Comment) -> Verdict:
    archive = folder / "archive.jsonl"
    row = {
        "id": comment.id,
        "text": comment.text,
        "author": comment.author.id,
        "created_at": comment.created_at.isoformat() if comment.created_at else None,
    }
    archive.write_text(json.dumps(row) + "\n", encoding="utf-8")
    scorer = FixedScorer(SCORES)
    ruleset = load_rules(write_rules(folder), labels=scorer.model.labels)
    pipeline = Pipeline(lambda: ruleset, scorer, MemoryHistory(), score_all=True)
    read = [each for each in open_archive(archive) if isinstance(each, Comment)]
    ((_, verdict),) = [pair async for pair in replay(read, pipeline)]
    return verdict


@pytest.mark.parametrize("text", TEXTS)
async def test_one_comment_gets_one_verdict_by_chat_by_http_and_from_an_archive(
    tmp_path: Path, text: str
) -> None:
    folders = [tmp_path / name for name in ("chat", "http", "archive")]
    for folder in folders:
        folder.mkdir()
    comment, live = await by_chat(folders[0], text)
    assert judged(live) == judged(await by_http(folders[1], comment))
    assert judged(live) == judged(await by_archive(folders[2], comment))
