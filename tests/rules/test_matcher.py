"""What the matcher finds, where, and through which disguise."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Evasion, Span
from bot.rules.hits import MOST_HITS
from bot.rules.matcher import (
    Hit,
    Hits,
    Matcher,
    Pattern,
    PatternError,
    Term,
    TermError,
)
from bot.text import fold, fold_many

STRONG = Evasion.STRONG


def found(text: str, *entries: str, evasion: Evasion = STRONG) -> list[str]:
    """Return the original text of every hit of any entry, in order of place."""
    matcher = Matcher([Term(entry, evasion) for entry in entries])
    hits = {hit.span for hits in matcher.find(fold(text)).terms.values() for hit in hits}
    return [text[start:end] for start, end in sorted(hits)]


def matches(text: str, source: str, evasion: Evasion = STRONG) -> list[str]:
    hits = Matcher([], [Pattern(source, evasion)]).find(fold(text)).patterns.get(0, ())
    return [text[start:end] for start, end in (hit.span for hit in hits)]


def traps() -> list[tuple[str, list[str], str]]:
    lines = (Path(__file__).parent / "data" / "traps.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return [(text, entries.split("|"), hit) for text, entries, hit in rows]


@pytest.mark.parametrize(("text", "entries", "hit"), traps())
def test_traps(text: str, entries: list[str], hit: str) -> None:
    assert found(text, *entries) == ([hit] if hit else [])


@pytest.mark.parametrize(
    ("entry", "text", "hits"),
    [
        ("cat", "cat concat cats CAT, bobcat", ["cat", "CAT"]),
        ("cat*", "cat concat cats CAT, bobcat", ["cat", "cats", "CAT"]),
        ("*cat", "cat concat cats CAT, bobcat", ["cat", "concat", "CAT", "bobcat"]),
        ("*cat*", "cat concat cats CAT, bobcat", ["cat", "concat", "cats", "CAT", "bobcat"]),
        (
            "wild cat",
            "wild cat wild  cat wild\n\tcat wildcats",
            ["wild cat", "wild  cat", "wild\n\tcat"],
        ),
        ("  wild   cat ", "wild cat", ["wild cat"]),
        ("(h)", "a (h) b (h)", ["(h)", "(h)"]),
        ("c++", "learn C++ now", ["C++"]),
        ("#tag", "see #tag and #tags", ["#tag"]),
        ("天安门", "去天安门广场", ["天安门"]),
        ("straße", "STRASSE straße", ["STRASSE", "straße"]),
        ("café", "the cafés café CAFÉ", ["café", "CAFÉ"]),
    ],
)
def test_the_four_meanings_of_an_entry(entry: str, text: str, hits: list[str]) -> None:
    assert found(text, entry, evasion=Evasion.NONE) == hits


@pytest.mark.parametrize("entry", ["", " ", "*", "**", "* *", "\n"])
def test_an_entry_that_matches_everything_is_refused(entry: str) -> None:
    with pytest.raises(TermError):
        Term(entry)


def test_all_matches_are_found_not_the_first() -> None:
    assert found("cat dog cat", "cat", "dog", "cat*") == ["cat", "dog", "cat"]
    assert found("muppet muppets", "mup*", "*pets", "muppet") == ["muppet", "muppets"]


def test_a_wildcard_shows_the_whole_word_once() -> None:
    matcher = Matcher([Term("*ana*")])
    assert [hit.folded for hit in matcher.find(fold("bananas")).terms[0]] == ["bananas"]


def test_nothing_found_is_empty_and_the_same_for_all() -> None:
    matcher = Matcher([Term("cat")])
    assert matcher.find(fold("dog")) == Hits()
    assert matcher.find_many(fold_many(["dog", "cat", ""]))[0] is None


def test_no_entries_find_nothing() -> None:
    assert Matcher([]).find(fold("anything")) == Hits()


@pytest.mark.parametrize(
    ("text", "least"),
    [("muppet", Evasion.NONE), ("mυppet", Evasion.LIGHT), ("m.u.p.p.e.t", Evasion.STRONG)],
)
def test_an_entry_looks_no_deeper_than_it_may(text: str, least: Evasion) -> None:
    for evasion in Evasion:
        assert bool(found(text, "muppet", evasion=evasion)) is (evasion >= least)


def test_a_hit_tells_its_folded_form_and_the_steps() -> None:
    matcher = Matcher([Term("muppet", STRONG)])
    (hit,) = matcher.find(fold("you m\u200bu\u200bp.p.3.t!")).terms[0]
    assert hit == Hit(Span(4, 15), "muppet", STRONG, ("zero-width", "separators", "leet"))


def test_the_weakest_level_of_a_place_wins() -> None:
    matcher = Matcher([Term("muppet", STRONG)])
    hits = matcher.find(fold("muppet m\u00fcppet mupp3t muppet123")).terms[0]
    assert [hit.evasion for hit in hits] == [
        Evasion.NONE,
        Evasion.LIGHT,
        Evasion.STRONG,
        Evasion.STRONG,
    ]


def test_an_accent_in_an_entry_may_be_left_out() -> None:
    assert found("in the cafe", "café", evasion=Evasion.LIGHT) == ["cafe"]
    assert found("in the cafe", "café", evasion=Evasion.NONE) == []


def test_a_foreign_word_is_found_in_either_alphabet() -> None:
    assert found("ты жoпa", "жопа", evasion=Evasion.LIGHT) == ["жoпa"]
    assert found("ты жопа", "жопа", evasion=Evasion.LIGHT) == ["жопа"]


@pytest.mark.parametrize(
    "text",
    [
        "k1ll yourself",
        "kill y0urself",
        "kill  y o u r s e l f",
        "k!ll\nyourselffff",
        "kill y*urself",
        "kill \n y*urself",
    ],
)
def test_phrases_are_found_through_disguise(text: str) -> None:
    assert found(text, "kill yourself") == [text]


@pytest.mark.parametrize(
    "text",
    ["t*st", "a*b", "m***", "2*3*4", "mu-pet", "m-p-t", "mxppet", "*muppe", "muppets*"],
)
def test_signs_hide_letters_only_where_the_word_fits(text: str) -> None:
    assert found(text, "muppet", "mop") == []


def test_hidden_letters_inside_a_longer_word() -> None:
    assert found("you m*ppetry", "muppet*") == ["m*ppetry"]
    assert found("grandm*ppetry", "*muppet*") == ["grandm*ppetry"]
    assert found("grandm*ppetry", "muppet") == []


# --- patterns --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "text", "hits"),
    [
        (r"mup+et", "muppet MUPET muet", ["muppet", "MUPET"]),
        (r"^muppet$", "muppet", ["muppet"]),
        (r"^muppet$", "a muppet", []),
        (r"\Amuppet\z", "muppet", ["muppet"]),
        (r"(?m)^muppet$", "a\nmuppet\nb", ["muppet"]),
        (r"\bcat\b", "cat, cats, cat", ["cat", "cat"]),
        (r"x*", "axxb", ["xx"]),
        (r"\s+", "a  b", ["  "]),
        (r"é.", "né à éa", ["é ", "éa"]),
        (r"a.b", "a\nb", []),
        (r"(?s)a.b", "a\nb", ["a\nb"]),
        (r"[^a]+", "aa\nbb", ["\nbb"]),
    ],
)
def test_patterns(source: str, text: str, hits: list[str]) -> None:
    assert matches(text, source, Evasion.NONE) == hits


def test_patterns_stay_within_their_text() -> None:
    matcher = Matcher([], [Pattern(r"a[^z]*b"), Pattern(r"^b"), Pattern(r"a$"), Pattern(r"\Bq")])
    found_in = matcher.find_many(fold_many(["a", "b", "xa b", "q", "a\nb"]))
    alone = [matcher.find(fold(text)) for text in ["a", "b", "xa b", "q", "a\nb"]]
    assert [hits or Hits() for hits in found_in] == alone


@pytest.mark.parametrize(
    "source",
    [
        r"\Acat",
        r"cat\z",
        r"\A(?:dog|cat)\z",
        r"\\A|cat",
        r"(?-m:^)cat",
        r"(?i-m)cat$",
        r"\Q\z\E|^cat$",
    ],
)
def test_patterns_mean_the_ends_of_a_text_in_whatever_company(source: str) -> None:
    texts = ["cat", "dog", "a cat", "cat a", "b\ncat\nd", "\\A", "\\z", "cat"]
    matcher = Matcher([], [Pattern(source)])
    together = [hits or Hits() for hits in matcher.find_many(fold_many(texts))]
    assert together == [matcher.find(fold(text)) for text in texts]


def test_phrases_are_found_across_any_white_space() -> None:
    texts = ["a red  cat", "\n red\tcat \n", "red\u2028cat", "red cat", "red, cat", " \n"]
    matcher = Matcher([Term("red cat")])
    spans = [
        [tuple(hit.span) for hit in hits.terms[0]] if hits else []
        for hits in matcher.find_many(fold_many(texts))
    ]
    assert spans == [[(2, 10)], [(2, 9)], [(0, 7)], [(0, 7)], [], []]


def test_patterns_see_through_disguise() -> None:
    assert matches("you m.u.p.p.e.t", r"you\s+muppet") == ["you m.u.p.p.e.t"]
    assert matches("you m.u.p.p.e.t", r"you\s+muppet", Evasion.LIGHT) == []


@pytest.mark.parametrize(
    ("source", "offset", "hint"),
    [
        (r"a(?=b)", 1, "list what must follow"),
        (r"a(?!b)", 1, "`not`"),
        (r"(?<=a)b", 0, "list what must come before"),
        (r"(?<!a)b", 0, "`not`"),
        (r"(a)\1", 3, "write out what is repeated"),
        (r"(?P<x>a)(?P=x)", 8, "write out what is repeated"),
        (r"a++", 1, "leave the second `+` out"),
        (r"(?>a)b", 0, "plain group"),
        (r"a\Z", 1, r"write \z"),
        (r"(a", 0, "close it"),
        (r"a)", 1, ""),
        (r"[a", 0, "close it"),
        (r"*a", 0, ""),
        (r"a{9999}", 1, ""),
        (r"\(?=(", 4, "close it"),
    ],
)
def test_what_re2_cannot_express_is_explained(source: str, offset: int, hint: str) -> None:
    with pytest.raises(PatternError) as caught:
        Pattern(source)
    assert caught.value.offset == offset
    assert hint in caught.value.hint
    assert "b'" not in caught.value.message


# --- laws ------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    ["cat", "dog", "c4t", "c.a.t", "d o g", "c*t", "caat", "ｃａｔ", "сat", "c\u200bat", "cats", "do-g",
     "wild", "w1ld", " ", " ", "\n", "  ", "-", "x", "😀", "\u202egod\u202c", "**", "||"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=10).map("".join)
ENTRIES = st.sampled_from(
    ["cat", "cat*", "*cat", "*cat*", "dog", "wild cat", "wild", "*dog*", "god", "ca*", "x"]
)
TERMS = st.lists(st.builds(Term, ENTRIES, st.sampled_from(list(Evasion))), max_size=5)
PATTERNS = st.lists(
    st.builds(Pattern, st.sampled_from([r"c.t", r"\bdog$", r"^wild", r"[^c]+", r"x*"]), st.sampled_from(list(Evasion))),
    max_size=3,
)  # fmt: skip


@given(st.lists(TEXTS, max_size=6), TERMS, PATTERNS)
def test_one_at_a_time_or_many_at_once_is_the_same(
    texts: list[str], terms: list[Term], patterns: list[Pattern]
) -> None:
    matcher = Matcher(terms, patterns)
    many = matcher.find_many(fold_many(texts))
    assert [hits or Hits() for hits in many] == [matcher.find(fold(text)) for text in texts]


# What the search puts between texts, what ends them, halves of characters, and long company.
PARTING = st.sampled_from(
    ["\0", "\0\0\0\0", "cat\0dog", "\0cat", "\ud83d", "\udc00cat", "cat\x85dog", "\n", "\r\f", "\x7f",
     "\u2028", "é", "я", "c@t", "wild\0cat", " " * 9, "a" * 70]
)  # fmt: skip
PARTED_TEXTS = st.lists(PIECES | PARTING, max_size=8).map("".join)
PARTED_TERMS = st.lists(
    st.builds(
        Term,
        ENTRIES
        | st.sampled_from(["cat\0dog", "\0cat", "dog\0", "*\0", "\0*", "cat\ndog", "é", "я*"]),
        st.sampled_from(list(Evasion)),
    ),
    max_size=5,
)


@given(st.lists(PARTED_TEXTS, max_size=9), PARTED_TERMS, PATTERNS)
def test_company_changes_nothing_even_where_texts_hold_what_parts_them(
    texts: list[str], terms: list[Term], patterns: list[Pattern]
) -> None:
    matcher = Matcher(terms, patterns)
    alone = [matcher.find(fold(text)) for text in texts]
    assert [hits or Hits() for hits in matcher.find_many(fold_many(texts))] == alone
    backwards = matcher.find_many(fold_many(texts[::-1]))[::-1]
    assert [hits or Hits() for hits in backwards] == alone


def test_no_entry_runs_from_one_text_into_the_next() -> None:
    matcher = Matcher([Term("\0cat"), Term("cat\0"), Term("cat\0dog"), Term("*\0*")])
    assert matcher.find_many(fold_many(["cat", "dog", "cat", ""])) == [None] * 4
    hits = matcher.find(fold("a cat\0dog"))
    assert [tuple(hit.span) for hit in hits.terms[2]] == [(2, 9)]


def test_what_is_filled_in_does_not_cut_the_words_around_it() -> None:
    # The surroundings of `b*d` end within the last word, whose beginning is an entry.
    text = f"b*d {'x ' * 38}badges"
    hits = Matcher([Term("bad", Evasion.STRONG)]).find(fold(text)).terms[0]
    assert [tuple(hit.span) for hit in hits] == [(0, 3)]


@given(TEXTS, TERMS, PATTERNS)
def test_spans_lie_within_the_original_and_in_order(
    text: str, terms: list[Term], patterns: list[Pattern]
) -> None:
    hits = Matcher(terms, patterns).find(fold(text))
    for found_hits in (*hits.terms.values(), *hits.patterns.values()):
        spans = [hit.span for hit in found_hits]
        assert spans == sorted(set(spans))
        assert all(0 <= start < end <= len(text) for start, end in spans)


@given(TEXTS, TERMS)
def test_no_hit_is_deeper_than_its_term_allows(text: str, terms: list[Term]) -> None:
    for index, hits in Matcher(terms).find(fold(text)).terms.items():
        assert all(hit.evasion <= terms[index].evasion for hit in hits)


@given(TEXTS, TERMS, st.builds(Term, ENTRIES, st.sampled_from(list(Evasion))))
def test_another_term_removes_no_hit(text: str, terms: list[Term], another: Term) -> None:
    # Nor does it add one to another term.
    fewer = Matcher(terms).find(fold(text)).terms
    more = Matcher([*terms, another]).find(fold(text)).terms
    assert {index: hits for index, hits in more.items() if index < len(terms)} == dict(fewer)


@settings(max_examples=50)
@given(st.text(max_size=40), st.text(min_size=1, max_size=10))
def test_a_term_finds_itself(around: str, word: str) -> None:
    try:
        term = Term(word.replace("*", "x"))
    except TermError:
        return
    text = f"{around} {term.core} {around}"
    assert Matcher([term]).find(fold(text)).terms


def test_no_match_of_a_pattern_hides_behind_dozens_of_others() -> None:
    hits = Matcher([], [Pattern("c.t", STRONG)]).find(fold("çat ćat " * 60 + "cut")).patterns[0]
    assert (480, 483) in {tuple(hit.span) for hit in hits}


@pytest.mark.parametrize(("places", "cut"), [(MOST_HITS, False), (MOST_HITS + 1, True)])
def test_that_a_pattern_fits_more_places_than_are_kept_is_told(places: int, cut: bool) -> None:
    hits = Matcher([], [Pattern("dog"), Pattern("cat")]).find(fold("cat " * places))
    assert hits.cut == (frozenset({1}) if cut else frozenset())


def test_a_long_hostile_text_is_answered() -> None:
    terms = [Term(entry, STRONG) for entry in ("*cat*", "muppet", "wild cat")]
    matcher = Matcher(terms, [Pattern(r"(?:\w+\s?)+c", STRONG)])
    for text in (
        "c*t " * 1_000,
        "caaat" * 800,
        "c a t " * 700,
        "\u202ecat" * 1_000,
        "c1!|" * 1_000,
    ):
        assert len(matcher.find(fold(text)).patterns.get(0, ())) <= MOST_HITS + 2
