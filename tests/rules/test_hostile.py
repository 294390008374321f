"""Comments made to cost time: what rules do with them grows with their length, no faster."""

from dataclasses import replace
from time import process_time

import pytest

from bot.model import Evasion, Facts, FoldedText, FoldedView
from bot.rules import RuleSet
from bot.rules.matcher import Matcher, Pattern, Term
from bot.text import fold, quoted_spans
from tests.rules.making import facts, ruleset

RULES = """
    rules:
    - id: words
      when: {all: [{words: {entries: ["*ass*", "cat"], evasion: light}}, {not: {quoted: true}}]}
      then: {action: flag}
    - {id: links, when: {links: {not_domains: [good.io], count: "> 3"}}, then: {action: flag}}
    - {id: mentions, when: {mentions: {count: "> 3"}}, then: {action: flag}}
    - id: shape
      when:
        any:
        - shape: {repeated: "> 9", zalgo: "> 9"}
        - shape: {emoji: "> 9"}
        - shape: {capitals: "> 0.5"}
        - length: {words: "> 500", lines: "> 500"}
      then: {action: flag}
    exceptions:
    - {id: e, for: ["*"], words: ["*class*"], reason: r, expires: 2030-01-01}
"""

LENGTH = 60_000

HOSTILE = {
    "words": "class ass ",
    "quotes": "> ass\n",
    "quotes and answers": "> ass\ncat\n",
    "links": "a.io ",
    "disguised links": "a\u200b.io ",
    "one endless link": "https://a.io/(",
    "dots": "a.",
    "dashes": "a-",
    "at signs": "@a ",
    "at signs without space": "@a.",
    "numbers in brackets": "<@1> <:a:123456789012345678>",
    "marks": "a" + "\u0301" * 50,
    "emoji": "\U0001f468\u200d",
    "flags": "\U0001f1e9",
    "brackets": "))((",
    "one letter": "a",
    "line breaks": "\n",
}


def unfolded(text: str) -> Facts:
    """Return facts without the work of folding, which has tests of its own."""
    view = FoldedView(Evasion.NONE, text.casefold())
    plain = FoldedText(text, (view,), quoted_spans(text))
    return replace(facts(), comment=replace(facts().comment, text=text), text=plain)


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return ruleset(RULES)


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_with_the_length_only(rules: RuleSet, piece: str) -> None:
    text = piece * (LENGTH // len(piece))
    given = facts(text) if "\u200b" in piece else unfolded(text)
    hits = rules.matcher.find(given.text)
    begun = process_time()
    evaluation = rules._evaluate(given, hits, rules.loaded)
    spent = process_time() - begun
    # A step that is quadratic takes minutes here; a slow machine does not.
    assert spent < 3
    assert rules.evaluate_many([given]) == [evaluation]


DISGUISES = {
    "fence of strokes": "|\\/|",
    "braces": "}{><()",
    "at signs, spelled": "@a ",
    "at signs in a chain": "@a@ ",
    "hidden letters in one word": "a@",
    "underlined letters": "a_",
    "dots in one word": "www.",
    "stars": "*a",
    "phrases across wide gaps": "red  cat ",
    "odd pieces": "ck ",
    "marks": "e\u0301",
    "one long ligature": "\ufdfa",
    "letters on their head": "\u01dd\u0250\u0279 ",
    "overrides": "\u202eab\u202dcd",
    "deletions": "ab\x08",
}


@pytest.mark.parametrize("piece", DISGUISES.values(), ids=DISGUISES)
def test_undoing_a_disguise_takes_time_by_its_length_only(piece: str) -> None:
    terms = [Term(entry, Evasion.STRONG) for entry in ("red cat", "*asset*", "cat*", "abate")]
    matcher = Matcher(terms, [Pattern(r"(a+)+\s*b", Evasion.STRONG)])
    begun = process_time()
    matcher.find(fold(piece * (16_000 // len(piece))))
    # A step that is quadratic takes far longer, and some a lifetime.
    assert process_time() - begun < 3
