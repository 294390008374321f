import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.model import Priority, Span
from bot.scoring.explain import MOST_WORDS, raised_by, word_contributions
from tests.fakes.scorer import FixedScorer

WEIGHTS = {"muppet": 0.5, "absolute": 0.25}


def by_words(text: str) -> dict[str, float]:
    return {"insult": sum(WEIGHTS.get(word, 0.0) for word in text.split()), "threat": 0.125}


async def test_names_the_words_that_raised_the_label() -> None:
    scorer = FixedScorer(by_words)
    first, second, *rest = await word_contributions(scorer, "you absolute muppet, no", ["insult"])
    # Punctuation clings to its word, as moderators read it.
    assert (first.span, first.drop) == (Span(4, 12), 0.25)
    assert second.drop == 0.0
    assert len(rest) == 2


async def test_largest_drop_first_in_one_live_call() -> None:
    scorer = FixedScorer(by_words)
    found = await word_contributions(scorer, "you absolute  muppet")
    assert [(each.label, each.span) for each in found[:2]] == [
        ("insult", Span(14, 20)),
        ("insult", Span(4, 12)),
    ]
    ((texts, priority),) = scorer.asked
    assert texts[0] == "you absolute  muppet"
    assert len(texts) == 4
    assert priority is Priority.LIVE


async def test_a_text_without_words_has_no_contributions() -> None:
    assert await word_contributions(FixedScorer(), " \n") == ()


async def test_an_unknown_label_gets_a_hint() -> None:
    with pytest.raises(UserError, match='no label "insolt"') as caught:
        await word_contributions(FixedScorer(), "text", ["insolt"])
    assert 'did you mean "insult"?' in caught.value.render()


@given(st.integers(0, 3 * MOST_WORDS))
async def test_spans_cover_all_words_and_are_bounded(count: int) -> None:
    text = " ".join(["word"] * count)
    found = await word_contributions(FixedScorer(), text, ["insult"])
    assert len(found) <= MOST_WORDS
    covered = " ".join(text[each.span.start : each.span.end] for each in found)
    assert covered == text


async def test_tells_of_high_labels_alone_and_of_few_words() -> None:
    scorer = FixedScorer(by_words)
    text = "you absolute muppet, muppet or muppet"
    (scores,) = await scorer.score([text])
    raised = await raised_by(scorer, text, scores)
    assert list(raised) == ["insult"]
    assert [each.span for each in raised["insult"]] == [
        Span(21, 27),
        Span(31, 37),
        Span(4, 12),
    ]


async def test_a_label_that_no_single_word_raised_has_no_words() -> None:
    text = "good or bad"
    scorer = FixedScorer(lambda given: {"insult": 0.9 if len(given) > 5 else 0.0})
    (scores,) = await scorer.score([text])
    assert await raised_by(scorer, text, scores) == {"insult": ()}


async def test_where_any_of_two_words_would_do_both_are_told() -> None:
    text = "a muppet, a twit!"
    scorer = FixedScorer(
        lambda given: {"insult": 0.5 if {"muppet,", "twit!"} & {*given.split()} else 0.0}
    )
    (scores,) = await scorer.score([text])
    raised = await raised_by(scorer, text, scores)
    assert [(each.span, each.alone) for each in raised["insult"]] == [
        (Span(2, 9), True),
        (Span(12, 17), True),
    ]


async def test_low_scores_ask_the_model_nothing() -> None:
    scorer = FixedScorer()
    (scores,) = await scorer.score(["good day"])
    asked = len(scorer.asked)
    assert await raised_by(scorer, "good day", scores) == {}
    assert len(scorer.asked) == asked
