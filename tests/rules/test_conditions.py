"""Each condition: what it answers, and what it says when its input is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import (
    Comment,
    Evasion,
    Facts,
    Missing,
    Outcome,
    Span,
)
from bot.rules import measures
from bot.rules.conditions import CONDITIONS
from bot.rules.conditions.links import find_links
from bot.text import fold
from tests.rules.asking import holds, missing, outcome
from tests.rules.making import facts, matched, problems, rule, ruleset

# --- words and regex -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "text", "found"),
    [
        ("cat", "a cat sat", "cat"),
        ("cat", "concatenate", None),
        ("cat*", "my caterpillar", "caterpillar"),
        ("*cat", "a wildcat", "wildcat"),
        ("*cat*", "concatenate", "concatenate"),
        ("big cat", "the BIG  Cat", "BIG  Cat"),
        ("big cat", "the BIG Cat", "BIG Cat"),
        ("(h)", "what (h) is", "(h)"),
        ("c++", "i like c++", "c++"),
        ("жопа", "вот жопа тут", "жопа"),
        ("жопа", "жопастый", None),
    ],
)
def test_words_are_whole_unless_a_wildcard_says_otherwise(
    entry: str, text: str, found: str | None
) -> None:
    rules = rule(f"{{words: ['{entry}']}}")
    evaluation = rules.evaluate(facts(text))
    texts = [match.text for match in evaluation.matches]
    assert texts == ([] if found is None else [found])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("muppet", False),
        ("muuuppet", False),
        ("m*ppet", False),
        ("**muppet**", False),
        ("müppet", False),
        ("mupp3t", True),
        ("m.u.p.p.e.t", True),
        ("m\u200buppet", True),
        ("mupp\u0435t", True),
        ("muppet, and b3st", False),
    ],
)
def test_words_can_ask_for_what_is_hidden_from_filters(text: str, *, found: bool) -> None:
    rules = rule("{words: {entries: [muppet], evasion: strong, disguised: true}}")
    assert bool(matched(rules, facts(text))) is found


def test_words_find_all_places_in_order() -> None:
    (match,) = rule("{words: [cat, dog]}").evaluate(facts("dog cat dog")).matches
    assert match.spans == (Span(0, 3), Span(4, 7), Span(8, 11))
    assert match.text == "dog … cat … dog"


@pytest.mark.parametrize(("text", "expected"), [("cat cat", False), ("cat cat cat", True)])
def test_words_at_least(text: str, expected: bool) -> None:
    assert holds("{words: {entries: [cat], at_least: 3}}", facts(text)) is expected


def test_places_that_overlap_count_once() -> None:
    when = "{words: {entries: ['new york', 'york city'], at_least: 2}}"
    assert not holds(when, facts("new york city"))
    assert holds(when, facts("new york city, york city"))


def test_regex_short_and_long_form() -> None:
    assert holds(r"{regex: '\bkitt(y|en)\b'}", facts("a Kitten"))
    assert not holds(r"{regex: {pattern: ['\bx\b', 'y{3}'], at_least: 2}}", facts("x yy"))
    assert holds(r"{regex: {pattern: ['\bx\b', 'y{3}'], at_least: 2}}", facts("x yyy"))


def test_match_tells_disguise_and_steps() -> None:
    (match,) = (
        rule("{words: {entries: [muppet], evasion: light}}")
        .evaluate(facts("you mu\u200bppet"))
        .matches
    )
    assert match.text == "mu\u200bppet"
    assert match.evasion is Evasion.LIGHT
    assert match.folding


# --- score -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comparison", "score", "expected"),
    [
        (">= 0.5", 0.5, True),
        ("> 0.5", 0.5, False),
        ("<0.5", 0.49, True),
        ("<= 0.5", 0.51, False),
        ("== 1", 1.0, True),
    ],
)
def test_score_compares(comparison: str, score: float, expected: bool) -> None:
    given = facts(scores={"insult": score})
    assert holds(f"{{score: {{insult: '{comparison}'}}}}", given) is expected


def test_score_of_several_labels_wants_all() -> None:
    when = "{score: {insult: '>= 0.5', threat: '>= 0.5'}}"
    assert holds(when, facts(scores={"insult": 0.6, "threat": 0.6}))
    assert not holds(when, facts(scores={"insult": 0.6, "threat": 0.4}))
    assert missing(when, facts(scores={"insult": 0.6})) == ["score of threat"]
    assert not holds(when, facts(scores={"insult": 0.4}))


def test_score_without_scores_is_unknown_and_carries_a_failure() -> None:
    when = "{score: {insult: '>= 0.5'}}"
    assert outcome(when, facts()) == (Outcome.UNKNOWN, (Missing("scores"),))
    failed = Missing("scores", failed=True)
    assert outcome(when, facts(missing=(failed,))) == (Outcome.UNKNOWN, (failed,))


# --- form ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "text", "expected"),
    [
        ("{length: {characters: '>= 5'}}", "hello", True),
        ("{length: {characters: '> 5'}}", "hello", False),
        ("{length: {words: '== 2', lines: '== 2'}}", "a\nb", True),
        ("{length: {words: '< 1'}}", "", True),
        ("{shape: {capitals: '>= 0.7', letters: '>= 5'}}", "HELLO you", False),
        ("{shape: {capitals: '>= 0.7', letters: '>= 5'}}", "HELLO YOu", True),
        ("{shape: {capitals: '>= 0.7', letters: '>= 5'}}", "123 !!!", False),
        ("{shape: {capitals: '>= 0.9', letters: '>= 5'}}", "ПРИВЕТ", True),
        ("{shape: {repeated: '>= 8'}}", "nooooooo", False),
        ("{shape: {repeated: '>= 8'}}", "noooooooo", True),
        ("{shape: {repeated: '>= 8'}}", "a                  b", False),
        ("{shape: {repeated: '>= 4'}}", "\U0001f600" * 4, True),
        ("{shape: {zalgo: '>= 3'}}", "z\u0301\u0302\u0303algo", True),
        ("{shape: {zalgo: '>= 3'}}", "cafe\u0301", False),
        (
            "{shape: {emoji: '>= 2'}}",
            "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea",
            True,
        ),
        (
            "{shape: {emoji: '>= 3'}}",
            "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd",
            False,
        ),
        ("{shape: {emoji: '>= 2'}}", "<:blob:123456789012345678> \u2764\ufe0f", True),
        ("{shape: {emoji: '>= 1'}}", "12:30:45 © (c)", False),
    ],
)
def test_form_of_a_text(when: str, text: str, expected: bool) -> None:
    assert holds(when, facts(text)) is expected


def test_longest_run_is_the_place() -> None:
    (match,) = rule("{shape: {repeated: '>= 4'}}").evaluate(facts("aaa noooo")).matches
    assert match.text == "oooo"


# --- links, mentions, attachments ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("see https://Example.com/a?b=1, thanks", ["example.com"]),
        ("[text](https://example.com/a)", ["example.com"]),
        ("<https://en.wikipedia.org/wiki/Foo_(bar)>", ["en.wikipedia.org"]),
        ("www.example.com.", ["example.com"]),
        ("join discord.gg/abc", ["discord.gg"]),
        ("https://discord.com@evil.example.net/x", ["evil.example.net"]),
        ("https://example.com:8080/", ["example.com"]),
        ("https://xn--bcher-kva.example/", ["bücher.example"]),
        ("hxxps://example.com", ["example.com"]),
        ("ann@example.com wrote", []),
        ("It ended.Now go", []),
        ("version 1.2.3 of e.g. this", []),
        ("http://", []),
        ("a.b https://example.com https://example.com/2", ["example.com", "example.com"]),
    ],
)
def test_links_are_found(text: str, hosts: list[str]) -> None:
    assert [link.hosts[0] for link in find_links(fold(text))] == hosts


@pytest.mark.parametrize(
    ("when", "text", "expected"),
    [
        ("{links: {count: '>= 2'}}", "https://a.com", False),
        ("{links: {count: '>= 2'}}", "https://a.com https://b.com", True),
        ("{links: {count: '== 0'}}", "no link", True),
        ("{links: {domains: [evil.com]}}", "https://www.evil.com/x", True),
        ("{links: {domains: [evil.com]}}", "https://notevil.com/x", False),
        ("{links: {domains: ['*.evil.com']}}", "https://evil.com/x", False),
        ("{links: {not_domains: [good.com]}}", "https://good.com https://bad.com", True),
        ("{links: {not_domains: [good.com]}}", "https://good.com", False),
        ("{links: {invites: true}}", "discord.gg/abc", True),
        ("{links: {invites: true}}", "https://www.discord.com/invite/abc", True),
        ("{links: {invites: true}}", "https://discord.com/channels/1", False),
        ("{links: {invites: false}}", "https://discord.gg/abc", False),
        ("{links: {domains: [evil.com]}}", "https://ev\u200bil.com/x", True),
    ],
)
def test_links_are_counted_by_sort(when: str, text: str, expected: bool) -> None:
    assert holds(when, facts(text)) is expected


@pytest.mark.parametrize(
    ("when", "given", "expected"),
    [
        ("{mentions: {count: '>= 2'}}", facts("<@1> <@!2>"), True),
        ("{mentions: {count: '>= 2'}}", facts("@ann @ann"), False),
        ("{mentions: {count: '>= 2'}}", facts("x", attributes={"mentions": ("1", "2")}), True),
        ("{mentions: {count: '>= 1'}}", facts("@ann", attributes={"mentions": ()}), False),
        ("{mentions: {everyone: true}}", facts("hi @everyone"), True),
        ("{mentions: {everyone: true}}", facts("ann@everyone.com"), False),
        ("{mentions: {everyone: false}}", facts("hi"), True),
        (
            "{mentions: {everyone: true}}",
            facts("@everyone", attributes={"mentions_everyone": False}),
            False,
        ),
        ("{attachments: {count: '>= 1'}}", facts(attributes={"attachments": ()}), False),
        ("{attachments: {names: ['*.exe']}}", facts(attributes={"attachments": ("A.EXE",)}), True),
        ("{attachments: {names: ['*.exe']}}", facts(attributes={"attachments": ("a.png",)}), False),
    ],
)
def test_what_a_comment_carries(when: str, given: Facts, expected: bool) -> None:
    assert holds(when, given) is expected


def test_attachments_that_the_source_does_not_tell_are_unknown() -> None:
    assert missing("{attachments: {count: '>= 1'}}", facts()) == ["attachments"]


# --- all of them -----------------------------------------------------------------------------


@pytest.mark.parametrize("cls", CONDITIONS, ids=lambda cls: cls.name)
def test_the_example_of_every_condition_loads_and_describes_itself(cls: type) -> None:
    lines = "\n".join(f"    {line}" for line in cls.example.splitlines())  # type: ignore[attr-defined]
    text = f"lists: {{insults: [muppet]}}\nrules:\n- id: a\n  when:\n{lines}\n  then: {{action: flag}}\n"
    assert problems(text) == ""
    rules = ruleset(text)
    (trace,) = rules.explain(Facts(Comment("1", "you muppet"), fold("you muppet")))
    assert trace.steps[0].description.startswith(
        cls.example.partition(":")[0]  # type: ignore[attr-defined]
    )
    assert trace.outcome is rules.answer(rules.loaded[0], facts("you muppet")).outcome or (
        trace.outcome is Outcome.UNKNOWN
    )


# --- measures of many texts ------------------------------------------------------------------


@given(
    st.lists(
        st.text(st.sampled_from("aAbB \n1Жжé\u0301\u0300\u20dd\U0001d400\U0001f600Ⅷ\ud800\u2028"))
    )
)
def test_measures_of_many_texts_are_those_of_each(texts: list[str]) -> None:
    for measure in measures.OF_MANY:
        expected = [measure(text) for text in texts]
        assert measures.measure_many(measure, measures.Texts(texts)).tolist() == expected
