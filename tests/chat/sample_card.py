"""The card in the docs: a comment of our sample thread, as moderators see it in Discord.

`python -m tests.chat.sample_card` writes `bot/samples/card.json` and its picture anew.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.archive import open_archive
from bot.cases import Case
from bot.chat.card import CaseView, card
from bot.model import Author, Comment
from bot.pipeline import Pipeline
from bot.rules import load_rules
from bot.store.memory import MemoryHistory
from bot.verdict import Policy
from tests.chat.drawing import draw
from tests.fakes.scorer import FixedScorer

SAMPLES = Path(__file__).parent.parent.parent / "bot/samples"
CARD, PICTURE = SAMPLES / "card.json", SAMPLES / "card.svg"

RULES = """
rules:
  - id: abuse.name-calling
    title: Name-calling in a reply
    status: live
    level: high
    when: {all: [{words: [moron]}, {score: {insult: ">= 0.85"}}, {reply: true}]}
    then: {action: flag, timeout: 10m}
    reason: "insult {score.insult:.0%}, matched {match}"
"""
SCORES = {
    "toxicity": 0.97,
    "insult": 0.94,
    "obscene": 0.41,
    "severe_toxicity": 0.06,
    "threat": 0.02,
    "identity_attack": 0.03,
}
LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")

CHANNEL, AUTHOR = "1201000000000000007", "1201000000000000011"
NAMES = {CHANNEL: "patch-notes", AUTHOR: "saltmarsh_tom"}


def sample() -> dict[str, Any]:
    """Return the message that would be posted, as Discord's API takes it."""
    drawn = card(asyncio.run(_view()))
    return {"embeds": [drawn.embed], "components": drawn.components}


def as_json() -> str:
    """Return the message as JSON in which nothing is invisible."""
    text = json.dumps(sample(), indent=2, ensure_ascii=False)
    return text.replace("\u200b", "\\u200b") + "\n"


def as_picture() -> str:
    """Return the message as SVG."""
    return draw(sample(), NAMES)


async def _view() -> CaseView:
    archive = open_archive(SAMPLES / "thread.jsonl")
    thread = {each.id: each for each in archive if isinstance(each, Comment)}
    said = _as_in_discord(thread["8"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.yaml"
        path.write_text(RULES, encoding="utf-8")
        ruleset = load_rules(path)
    scorer = FixedScorer({said.text: SCORES}, labels=LABELS, name="compact")
    pipeline = Pipeline(lambda: ruleset, scorer, MemoryHistory(), Policy(), score_all=True)
    # What names the rules is a hash of ours, which may change while the card does not.
    verdict = replace(await pipeline.screen(said), ruleset="4be1c0ffee12")
    assert said.created_at is not None
    case = Case(128, said, verdict, said.created_at + timedelta(seconds=1))
    return CaseView(case, thread["7"], (thread["5"], thread["6"], thread["7"]), upheld_before=1)


def _as_in_discord(comment: Comment) -> Comment:
    link = f"https://discord.com/channels/1201000000000000001/{CHANNEL}/1201000000000000042"
    author = Author(AUTHOR, comment.author.name)
    return replace(
        comment, source="discord", channel=CHANNEL, author=author, attributes={"link": link}
    )


def main() -> None:
    CARD.write_text(as_json(), encoding="utf-8")
    PICTURE.write_text(as_picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
