"""What the starter rules find and leave alone, by words, with a model that is silent."""

import json
from pathlib import Path

import pytest

import bot
from bot.model import Action, Comment, Evasion
from bot.pipeline import Pipeline
from bot.store.memory import MemoryHistory
from tests.fakes.scorer import FixedScorer
from tests.rules_starter.starter import LABELS, fixture_lines, ruleset, screen

ABUSIVE = [tuple(line.split("\t")) for line in fixture_lines("abusive.tsv")]


@pytest.mark.parametrize("text", fixture_lines("innocent.txt"))
def test_innocent_neighbour_is_no_case(text: str) -> None:
    verdict = screen(text, reply=True)
    acting = [(match.rule, match.text) for match in verdict.acting if match.action > Action.NOTE]
    assert acting == []


@pytest.mark.parametrize("text", fixture_lines("unremarkable.txt"))
def test_everyday_text_is_not_even_noted(text: str) -> None:
    acting = [(match.rule, match.text) for match in screen(text, reply=True).acting]
    assert acting == []


@pytest.mark.parametrize(("rule", "text"), ABUSIVE)
def test_abusive_text_is_found(rule: str, text: str) -> None:
    found = {match.rule: match for match in screen(text).matches}
    assert rule in found


@pytest.mark.parametrize(("rule", "text"), ABUSIVE)
def test_a_strong_disguise_never_does_more_than_flag(rule: str, text: str) -> None:
    for match in screen(text).matches:
        if match.evasion is Evasion.STRONG:
            assert match.action <= Action.FLAG, (rule, match)


def test_every_live_rule_that_reads_words_alone_has_a_fixture() -> None:
    fixtures = {rule for rule, _ in ABUSIVE}
    assert fixtures <= {rule.id for rule in ruleset().rules}
    assert len(fixtures) >= 20


def sample() -> list[dict[str, object]]:
    path = Path(bot.__file__).parent / "samples" / "thread.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", sample(), ids=lambda row: str(row["id"]))
def test_sample_thread_is_judged_as_it_is_labelled(row: dict[str, object]) -> None:
    verdict = screen(str(row["text"]), reply=row["parent_id"] is not None)
    assert (verdict.action >= Action.FLAG) is row["label"], verdict.matches


async def test_a_comment_of_which_only_the_text_is_known_is_judged_in_full() -> None:
    pipeline = Pipeline(ruleset, FixedScorer(labels=LABELS), MemoryHistory())
    verdict = await pipeline.screen(Comment("1", "A bare line of a text file."))
    assert (verdict.degraded, verdict.missing, verdict.action) == (False, (), Action.ALLOW)
