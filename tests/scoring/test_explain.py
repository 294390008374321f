import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.model import Priority, Span
from bot.scoring.explain import MOST_CHARACTERS, MOST_WORDS, raised_by, word_contributions
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


async def test_largest_drop_first_in_one_call_behind_the_chat() -> None:
    scorer = FixedScorer(by_words)
    found = await word_contributions(scorer, "you absolute  muppet")
    assert [(each.label, each.span) for each in found[:2]] == [
        ("insult", Span(14, 20)),
        ("insult", Span(4, 12)),
    ]
    ((texts, priority),) = scorer.asked
    assert texts[0] == "you absolute  muppet"
    assert len(texts) == 4
    assert priority is Priority.PROMPT


async def test_a_text_without_words_has_no_contributions() -> None:
    assert await word_contributions(FixedScorer(), " \n") == ()


async def test_an_unknown_label_gets_a_hint() -> None:
    with pytest.raises(UserError, match='no label "insolt"') as caught:
        await word_contributions(FixedScorer(), "text", ["insolt"])
    assert 'did you mean "insult"?' in caught.value.render()


@given(st.lists(st.text("ab ", min_size=1, max_size=9), max_size=3 * MOST_WORDS))
async def test_explaining_is_bounded_and_spans_are_words(pieces: list[str]) -> None:
    """Whatever the length: a text is asked once in stretches, and one of these word by word."""
    text = " ".join([*pieces, "muppet"])
    scorer = FixedScorer(by_words)
    (scores,) = await scorer.score([text])
    scorer.asked.clear()
    raised = await raised_by(scorer, text, scores)
    (raiser,) = raised["insult"]
    assert text[raiser.span.start : raiser.span.end] == "muppet"
    *stretches, occluded = [texts for texts, _ in scorer.asked]
    assert len(occluded) <= MOST_WORDS + 1
    assert max(map(len, occluded)) <= max(MOST_CHARACTERS, len(text) if not stretches else 0)
    assert sum(len(each) for texts in stretches for each in texts) <= 2 * len(text)


async def test_each_label_is_explained_where_it_is_highest() -> None:
    filler = " calm" * 100
    text = f"you muppet{filler} I will find you"
    scorer = FixedScorer(
        lambda given: {"insult": 0.9 * ("muppet" in given), "threat": 0.8 * ("find" in given)}
    )
    (scores,) = await scorer.score([text])
    raised = await raised_by(scorer, text, scores)
    told = {label: [text[s.start : s.end] for s, *_ in each] for label, each in raised.items()}
    assert told == {"insult": ["muppet"], "threat": ["find"]}


async def test_a_phrase_on_the_border_of_two_stretches_is_seen_whole() -> None:
    text = "calm " * (MOST_WORDS - 1) + "lost case" + " calm" * MOST_WORDS
    scorer = FixedScorer(lambda given: {"insult": 0.9 * ("lost case" in given)})
    (scores,) = await scorer.score([text])
    (first, second) = (await raised_by(scorer, text, scores))["insult"]
    assert {text[each.span.start : each.span.end] for each in (first, second)} == {"lost", "case"}


async def test_a_long_word_is_one_word() -> None:
    text = "x" * 100_000
    scorer = FixedScorer(lambda given: {"insult": 0.9 * bool(given)})
    (scores,) = await scorer.score([text])
    (raiser,) = (await raised_by(scorer, text, scores))["insult"]
    assert raiser.span == Span(0, 100_000)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("you f o o l", ["you", "f o o l"]),
        ("f o o l", ["f o o l"]),
        ("I a fool", ["I", "a", "fool"]),
        ("a b\nc d", ["a", "b", "c", "d"]),
        ("  two\twords ", ["two", "words"]),
    ],
)
async def test_letters_that_are_spaced_out_are_one_word(text: str, words: list[str]) -> None:
    found = await word_contributions(FixedScorer(), text, ["insult"])
    assert [text[each.span.start : each.span.end] for each in found] == words


async def test_small_drops_do_not_hide_the_words_that_score_high_alone() -> None:
    """Either of two insults would do; what a filler takes along explains nothing."""
    insults = {"muppet", "twit"}
    scorer = FixedScorer(
        lambda given: {
            "insult": 0.8 * bool(insults & {*given.split()}) + 0.1 * ("a" in given.split())
        }
    )
    text = "a muppet twit"
    (scores,) = await scorer.score([text])
    raised = await raised_by(scorer, text, scores)
    assert [(text[s.start : s.end], alone) for s, _, alone in raised["insult"]] == [
        ("muppet", True),
        ("twit", True),
    ]


async def test_small_drops_are_told_where_no_word_scores_high_alone() -> None:
    scorer = FixedScorer(lambda given: {"insult": len(given.split()) / 10})
    text = "many words and each does some"
    (scores,) = await scorer.score([text])
    (*told,) = (await raised_by(scorer, text, scores))["insult"]
    assert len(told) == 4
    assert not any(each.alone for each in told)


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
