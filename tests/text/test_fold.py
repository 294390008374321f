"""Laws of folding, and the disguises that it must undo or must leave alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Evasion, FoldedText
from bot.text import CENSORED, HIDDEN, Tracked, fold, fold_many
from bot.text.light import compose, light

WRITTEN = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("abcdefuckshit AEIOU ...---___***~~||``  \n\t>'@$!1034579<+(){}[]"),
        st.sampled_from(
            "\u200b\u200d\u202e\u202c\u202d\u2066\u2069\u0301\u0323\ufe0f\x08\x7f\x00\ud800"
        ),
        st.sampled_from("ßİﬃ①ｆ🅵🇦⭕жопаοасέάñÄǆɹǝ…’“”€∗∙"),
    ),
    max_size=60,
)


def texts(folded: FoldedText, least: Evasion = Evasion.NONE) -> list[str]:
    return [view.text for view in folded.views if view.evasion >= least]


@given(WRITTEN)
def test_fold_never_raises_and_begins_with_the_plain_view(text: str) -> None:
    folded = fold(text)
    assert folded.original == text
    levels = [view.evasion for view in folded.views]
    assert levels == sorted(levels)
    assert levels.count(Evasion.NONE) == 1
    assert levels.count(Evasion.LIGHT) <= 1


@given(WRITTEN)
def test_no_view_is_given_twice(text: str) -> None:
    views = texts(fold(text))
    assert len(views) == len(set(views))


@given(WRITTEN)
def test_every_stretch_of_every_view_maps_into_the_original(text: str) -> None:
    for view in fold(text).views:
        for start in range(len(view.text)):
            for end in (start + 1, len(view.text)):
                span = view.original_span(start, end)
                assert 0 <= span.start < span.end <= len(text)


@given(WRITTEN)
def test_offsets_are_as_many_as_characters(text: str) -> None:
    for view in fold(text).views:
        if view.starts is None or view.ends is None:
            assert len(view.text) == len(text)
        else:
            assert len(view.starts) == len(view.ends) == len(view.text)


@given(WRITTEN)
def test_fold_is_idempotent(text: str) -> None:
    """What is folded at a level stays as it is at this level."""
    for view in fold(text).views:
        again = fold(view.text).views
        if view.evasion is Evasion.NONE:
            assert again[0].text == view.text
        if view.evasion is Evasion.LIGHT:
            assert [v.text for v in again if v.evasion is not Evasion.STRONG] == [view.text]


@given(st.lists(WRITTEN, max_size=8))
def test_one_at_a_time_or_many_at_once_is_the_same(many: list[str]) -> None:
    assert fold_many(many) == [fold(text) for text in many]


@given(st.lists(WRITTEN, max_size=4), st.lists(WRITTEN, max_size=4), WRITTEN)
def test_neighbours_do_not_change_a_text(before: list[str], after: list[str], text: str) -> None:
    assert fold_many([*before, text, *after])[len(before)] == fold(text)


@given(st.text("0123456789 .,:;-+/()!?$€%#'\"\n", max_size=40))
def test_text_without_letters_gets_none(text: str) -> None:
    for view in texts(fold(text)):
        assert not any(map(str.isalpha, view))


@given(st.text(st.characters(codec="ascii"), max_size=60))
def test_plain_view_of_ascii_is_its_lower_case(text: str) -> None:
    assert fold(text).views[0].text == text.lower()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("call 911 at 17:45", id="times and numbers"),
        pytest.param("142,460", id="coordinates"),
        pytest.param("as she finished it", id="words beside words"),
        pytest.param("Scunthorpe", id="a town"),
        pytest.param("bass hit the note", id="one letter more"),
        pytest.param("pass the class hole", id="words that would join"),
        pytest.param("it's what they've said, isn't it?", id="clitics"),
        pytest.param("that's 3gb, the 2nd at 10am for $5", id="amounts"),
        pytest.param("> hello (world), and... so on!", id="punctuation"),
        pytest.param("трудно сказать", id="another alphabet"),
        pytest.param("see you 😀", id="an emoji"),
        pytest.param("a fee of £100 (see § 5), 3 × 4 €", id="symbols beside no letter"),
        pytest.param("the court's s hit", id="a lone letter before a word"),
    ],
)
def test_ordinary_text_needs_no_guess(text: str) -> None:
    assert texts(fold(text)) == [text.casefold()]


def test_letters_of_other_words_are_not_taken() -> None:
    for view in texts(fold("if U C Kent")):
        assert "uck" not in view.replace(" ", "x")


@pytest.mark.parametrize(
    ("text", "expected", "step"),
    [
        ("mup\u200bpet", "muppet", "zero-width"),
        ("mup\u00adpet", "muppet", "zero-width"),
        ("mup\U000e0041pet", "muppet", "zero-width"),
        ("mup\u202apet\u202c", "muppet", "bidi controls"),
        ("mùppét", "muppet", "diacritics"),
        ("m̷̛u̸͝p̵̎p̷̈́e̸͛t̶̾", "muppet", "diacritics"),
        ("mऀuऀpऀpऀeऀtऀ", "muppet", "diacritics"),
        ("mυρρet", "muppet", "confusables"),
        ("mupp€t", "muppet", "confusables"),
        ("£og off", "log off", "confusables"),
        ("mµppet", "muppet", "confusables"),
        ("MЦPPET", "muppet", "confusables"),
        ("mʉppet", "muppet", "confusables"),
        ("ᴍᴜᴘᴘᴇᴛ", "muppet", "confusables"),
        ("mu**pp**et", "muppet", "markdown"),
        ("||muppet||", "muppet", "markdown"),
    ],
)
def test_light_undoes_what_a_reader_does_not_notice(text: str, expected: str, step: str) -> None:
    (view,) = [view for view in fold(text).views if view.evasion is Evasion.LIGHT]
    assert view.text == expected
    assert step in view.steps


@given(st.text("abcd äöüéñçøłđŧžǆ ÀÉŁØĦ\u00a0\u2009'“”😀", max_size=40))
def test_accents_are_undone_fast_as_they_are_slowly(text: str) -> None:
    slowly = light(compose(Tracked(text)))
    level = [view for view in fold(text).views if view.evasion <= Evasion.LIGHT][-1]
    assert level.text == slowly.text
    if level.evasion is Evasion.LIGHT:
        assert set(level.steps) == set(slowly.steps)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mù p p é t", "muppet"),
        ("mú-p-p-ét", "muppet"),
        ("mùpp3t", "muppet"),
        ("Múúúppet", "muppet"),
    ],
)
def test_accents_hide_no_other_disguise(text: str, expected: str) -> None:
    assert any(expected in view for view in texts(fold(text)))


@pytest.mark.parametrize(
    "disguised",
    [
        "mυppet",
        "mυ\u200bppet",
        "m u p p e t",
        "m.u.p.p.e.t",
        "mupppppet",
        "mυρρρρρet",
        "mupp3t",
        "mu ppet",
        "m*ppet",
        "mυ-pp-et",
        "🅼uppet",
        "mùppét",
    ],
)
@pytest.mark.parametrize("around", ["он сказал, что {} не ходит", "είπε {} και έφυγε", "قال {} ثم"])
def test_a_disguised_word_in_another_script_is_seen(disguised: str, around: str) -> None:
    views = texts(fold(around.format(disguised)))
    plain = [view.replace(HIDDEN, "u").replace(" ", "") for view in views]
    assert any("muppet" in view for view in plain)


def test_letters_of_another_script_repeat_where_they_do() -> None:
    assert any("нет" in view for view in texts(fold("я говорю неееет вам")))
    assert texts(fold("я говорю нет вам")) == ["я говорю нет вам"]


@pytest.mark.parametrize("text", ["ｍｕｐｐｅｔ", "ⓜⓤⓟⓟⓔⓣ", "𝓶𝓾𝓹𝓹𝓮𝓽", "MUPPET"])
def test_plain_view_has_neither_case_nor_compatibility_forms(text: str) -> None:
    assert fold(text).views[0].text == "muppet"


@pytest.mark.parametrize(
    ("text", "expected", "step"),
    [
        ("m u p p e t", "muppet", "separators"),
        ("m.u.p.p.e.t", "muppet", "separators"),
        ("m-u-p-p-e-t", "muppet", "separators"),
        ("m_u_p_p_e_t", "muppet", "separators"),
        ("m   -  u   p  _  p  e  t", "muppet", "separators"),
        ("m\nu\np\np\ne\nt", "muppet", "separators"),
        ("mup-pet", "muppet", "separators"),
        ("du ck", "duck", "separators"),
        ("duc k", "duck", "separators"),
        ("d uck", "duck", "separators"),
        ("b1tter", "bitter", "leet"),
        ("b!tter", "bitter", "leet"),
        ("gu1lty", "gullty", "leet"),
        ("@rcher", "archer", "leet"),
        ("he11o", "hello", "leet"),
        ("f0()l", "fool", "leet"),
        ("heIIo", "hello", "leet"),
        ("muppet123", "muppet   ", "leet"),
        ("muuuuuppet", "muppet", "repeats"),
        ("muppppppet", "muppet", "repeats"),
        ("cooooool", "cool", "repeats"),
        ("muuppet", "muppet", "repeats"),
        ("🅼🆄🅿🅿🅴🆃", "muppet", "emoji letters"),
        ("🇲 🇺 🇵 🇵 🇪 🇹", "muppet", "separators"),
        ("m❗nt", "mint", "emoji letters"),
        ("\u202etep\u202c", "pet", "reordering"),
        ("mupx\x08pet", "muppet", "deletion controls"),
        ("ʇǝddnɯ", "muppet", "upside down"),
    ],
)
def test_strong_reads_what_was_meant(text: str, expected: str, step: str) -> None:
    views = {view.text: view for view in fold(text).views}
    assert expected in views
    assert views[expected].evasion is Evasion.STRONG
    assert step in views[expected].steps


@pytest.mark.parametrize(
    "text", ["m*ppet", "m**pet", "m_ppet", "m-ppet", "m🍆ppet", "mupp#t", "m'ppet"]
)
def test_hidden_letters_are_marked(text: str) -> None:
    assert any(CENSORED in view.steps for view in fold(text).views)


@pytest.mark.parametrize("text", ["don't", "can't we've", "either/or", "wait... what"])
def test_ordinary_signs_hide_nothing(text: str) -> None:
    assert not any(CENSORED in view.steps for view in fold(text).views)


def test_words_of_another_script_stay_in_it() -> None:
    assert texts(fold("жопа и сор")) == ["жопа и сор"]


def test_a_word_in_two_scripts_is_read_as_one() -> None:
    assert "сказал muppet вслух" in texts(fold("сказал muрреt вслух"))


def test_original_span_covers_marks_and_hidden_characters() -> None:
    (light,) = [v for v in fold("a b\u200ba\u0301d c").views if v.evasion is Evasion.LIGHT]
    start = light.text.index("bad")
    assert light.original_span(start, start + 3) == (2, 7)


def test_original_span_of_reordered_text() -> None:
    view = next(v for v in fold("ab \u202etep\u202c").views if v.text == "ab pet")
    assert view.original_span(3, 6) == (4, 7)
    assert view.original_span(3, 4) == (6, 7)
