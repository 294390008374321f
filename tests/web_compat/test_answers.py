"""Scores, spans and languages of answers."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Scores, Span
from bot.web.perspective.answers import analyze
from bot.web.perspective.contract import read_analyze
from bot.web.perspective.errors import PerspectiveError
from bot.web.perspective.languages import detect
from bot.web.perspective.sentences import MOST_SPANS, sentences, utf16
from tests.fakes.scorer import FixedScorer

SIX = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
EXAMPLE = "What kind of muppet name is foo? Sorry, I like your name."


def values(text: str) -> Mapping[str, float]:
    return {"toxicity": 0.9 if "muppet" in text else 0.1, "obscene": 0.25, "insult": 1 / 3}


class Desk:
    """A scorer of six labels that remembers what it was asked."""

    def __init__(self, *languages: str) -> None:
        self.scorer = FixedScorer(values, labels=SIX)
        self.languages = languages or ("en",)

    async def score(self, texts: Sequence[str]) -> Sequence[Scores]:
        return await self.scorer.score(texts)

    async def ask(self, text: str, *attributes: str, **more: object) -> dict[str, object]:
        asked: dict[str, object] = {name: {} for name in attributes or ("TOXICITY",)}
        body = {"comment": {"text": text}, "requestedAttributes": asked, **more}
        return await analyze(read_analyze(body), self.score, SIX, self.languages)


def told(value: float) -> dict[str, object]:
    return {"value": value, "type": "PROBABILITY"}


async def test_a_comment_is_answered_as_the_contract_says() -> None:
    assert await Desk().ask("you muppet", "TOXICITY", "PROFANITY", clientToken="c") == {
        "attributeScores": {
            "TOXICITY": {
                "spanScores": [{"begin": 0, "end": 10, "score": told(0.9)}],
                "summaryScore": told(0.9),
            },
            "PROFANITY": {
                "spanScores": [{"begin": 0, "end": 10, "score": told(0.25)}],
                "summaryScore": told(0.25),
            },
        },
        "languages": ["en"],
        "detectedLanguages": ["en"],
        "clientToken": "c",
    }


async def test_names_are_mirrored_with_their_versions() -> None:
    answer = await Desk().ask("hi", "TOXICITY@6", "INSULT_EXPERIMENTAL", "TOXICITY_FAST")
    scores = answer["attributeScores"]
    assert isinstance(scores, dict)
    assert list(scores) == ["TOXICITY@6", "INSULT_EXPERIMENTAL", "TOXICITY_FAST"]
    assert scores["INSULT_EXPERIMENTAL"]["summaryScore"] == told(0.333333)


async def test_sentences_are_scored_in_the_same_call_as_the_whole() -> None:
    desk = Desk()
    answer = await desk.ask(EXAMPLE, spanAnnotations=True)
    assert answer["attributeScores"] == {
        "TOXICITY": {
            "spanScores": [
                {"begin": 0, "end": 32, "score": told(0.9)},
                {"begin": 33, "end": 57, "score": told(0.1)},
            ],
            "summaryScore": told(0.9),
        }
    }
    ((texts, _),) = desk.scorer.asked
    assert texts == (EXAMPLE, EXAMPLE[:32], EXAMPLE[33:])


async def test_offsets_count_utf_16_units() -> None:
    answer = await Desk().ask("😀 you muppet. Bye 😀", spanAnnotations=True)
    scores = answer["attributeScores"]
    assert isinstance(scores, dict)
    spans = [(each["begin"], each["end"]) for each in scores["TOXICITY"]["spanScores"]]
    assert spans == [(0, 14), (15, 21)]
    units = "😀 you muppet. Bye 😀".encode("utf-16-le")
    assert [units[2 * a : 2 * b].decode("utf-16-le") for a, b in spans] == [
        "😀 you muppet.",
        "Bye 😀",
    ]


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        (0.05, {"spans": 2, "summary": True}),
        (0.5, {"spans": 1, "summary": True}),
        (0.9, {"spans": 1, "summary": True}),
    ],
)
async def test_scores_below_the_threshold_are_not_told(
    threshold: float, expected: dict[str, object]
) -> None:
    body = {
        "comment": {"text": EXAMPLE},
        "requestedAttributes": {"TOXICITY": {"scoreThreshold": threshold}},
        "spanAnnotations": True,
    }
    answer = await analyze(read_analyze(body), Desk().score, SIX, ("en",))
    scores = answer["attributeScores"]
    assert isinstance(scores, dict)
    found = scores["TOXICITY"]
    assert {"spans": len(found["spanScores"]), "summary": "summaryScore" in found} == expected


async def test_with_all_scores_below_the_threshold_there_are_none() -> None:
    body = {
        "comment": {"text": "hello"},
        "requestedAttributes": {"TOXICITY": {"scoreThreshold": 0.6}},
        "languages": ["en"],
    }
    answer = await analyze(read_analyze(body), Desk().score, SIX, ("en",))
    assert answer == {"languages": ["en"], "detectedLanguages": ["en"]}


@pytest.mark.parametrize(
    ("text", "more", "attribute", "told"),
    [
        ("hello", {}, "FLIRTATION", {"detectedLanguages": ["en"]}),
        ("hello", {}, "SEXUALLY_EXPLICIT@2", {"detectedLanguages": ["en"]}),
        ("привет мир", {}, "TOXICITY", {"detectedLanguages": ["ru"]}),
        (
            "hello",
            {"languages": ["en", "xx"]},
            "TOXICITY",
            {"requestedLanguages": ["en", "xx"], "detectedLanguages": ["en"]},
        ),
        ("12 34", {"languages": ["fr"]}, "TOXICITY", {"requestedLanguages": ["fr"]}),
    ],
    ids=["never", "no label", "detected", "requested", "undetected"],
)
async def test_what_the_model_cannot_score_is_refused_by_name(
    text: str, more: dict[str, object], attribute: str, told: dict[str, object]
) -> None:
    desk = Desk()
    with pytest.raises(PerspectiveError, match=f"^Attribute {attribute} does not support") as at:
        await desk.ask(text, attribute, **more)
    assert at.value.details == (
        {
            "@type": "type.googleapis.com/google.commentanalyzer.v1alpha1.Error",
            "errorType": "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
            "languageNotSupportedByAttributeError": {"attribute": attribute, **told},
        },
    )
    assert desk.scorer.asked == []


async def test_unsupported_attributes_may_be_dropped() -> None:
    desk = Desk()
    answer = await desk.ask("hello", "FLIRTATION", "INSULT", dropUnsupportedAttributes=True)
    scores = answer["attributeScores"]
    assert isinstance(scores, dict)
    assert list(scores) == ["INSULT"]
    answer = await desk.ask("привет мир", "INSULT", dropUnsupportedAttributes=True)
    assert answer == {"languages": ["ru"], "detectedLanguages": ["ru"]}
    assert len(desk.scorer.asked) == 1


async def test_a_text_without_letters_has_no_language() -> None:
    with pytest.raises(PerspectiveError, match="Unable to detect language") as caught:
        await Desk().ask("🙇 123")
    (detail,) = caught.value.details
    assert detail["errorType"] == "LANGUAGE_DETECTION_FAILED"
    assert (await Desk().ask("🙇 123", languages=["en-US"]))["languages"] == ["en-US"]


async def test_a_model_of_many_languages_scores_them() -> None:
    answer = await Desk("en", "ru").ask("привет мир")
    assert answer["languages"] == ["ru"]
    assert "attributeScores" in answer


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("yo hamburger", ("en",)),
        ("you are an idiot", ("en",)),
        ("ok", ("en",)),
        ("die, Bart, die", ("en",)),
        ("Que sera sera", ("en",)),
        ("Hola amigo, ¿cómo estás? Eres muy bueno", ("es",)),
        ("Du bist nicht ganz bei Trost", ("de",)),
        ("tu es un idiot et je ne t'aime pas", ("fr",)),
        ("non sei una persona gentile", ("it",)),
        ("você é um palhaço", ("pt",)),
        ("je bent een clown", ("nl",)),
        ("sen çok komik bir adam", ("tr",)),
        ("привет мир", ("ru",)),
        ("привіт як справи", ("uk",)),
        ("你是谁", ("zh",)),
        ("これは何ですか", ("ja",)),
        ("안녕하세요", ("ko",)),
        ("مرحبا", ("ar",)),
        ("hello мир hello", ("en",)),
        ("hello привет мир", ("ru", "en")),
        ("12345 !?", ()),
        ("", ()),
    ],
)
def test_languages_are_told_by_their_words_and_scripts(
    text: str, languages: tuple[str, ...]
) -> None:
    assert detect(text) == languages


@given(st.text())
def test_any_text_has_a_language_or_none(text: str) -> None:
    found = detect(text)
    assert len(set(found)) == len(found) <= 3
    assert all(2 <= len(each) <= 3 for each in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  ", []),
        ("one", ["one"]),
        ("One. Two!  Three?", ["One.", "Two!", "Three?"]),
        ('"Stop it." He did.', ['"Stop it."', "He did."]),
        ("a line\nanother\n\nthird", ["a line", "another", "third"]),
        ("costs 3.50 at example.com today", ["costs 3.50 at example.com today"]),
        ("what?! no...", ["what?!", "no..."]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[span.start : span.end] for span in sentences(text)] == expected


@given(st.text(alphabet=" a.!?\n😀\"'"))
def test_sentences_hold_all_that_is_written(text: str) -> None:
    spans = sentences(text)
    kept = "".join("".join(text[a:b].split()) for a, b in spans)
    assert kept == "".join(text.split())
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert all(text[a:b] == text[a:b].strip() != "" for a, b in spans)


def test_many_sentences_are_scored_in_groups() -> None:
    text = "a. " * 6_000
    spans = sentences(text)
    assert len(spans) == MOST_SPANS
    assert spans[0] == Span(0, 179)
    assert spans[-1].end == len(text) - 1


@given(st.text(alphabet="aü😀\U0010ffff"), st.data())
def test_utf_16_offsets_cut_the_same_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    ((begin, stop),) = utf16(text, [Span(start, end)])
    units = text.encode("utf-16-le")
    assert units[2 * begin : 2 * stop].decode("utf-16-le") == text[start:end]
