"""Cards: within Discord's limits, telling what matters, and not to be forged by what users write."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cases import Case, Decision, Deed, Note, Review
from bot.chat.card import CaseView, card, custom_id, parse_custom_id
from bot.chat.words import bar, cut, duration, escaped, link_of, marked, one_line, size
from bot.model import Action, Author, Comment, Effect, Match, Span
from tests.fakes.discord.limits import check_message
from tests.store.examples import MATCH, NOON, comment, verdict

UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*[*_~`|<>\[\]@:#]")


def case(of: Comment | None = None, **more: object) -> Case:
    of = of or comment()
    return replace(Case(12, of, verdict(of), NOON), **more)  # type: ignore[arg-type]


def field(view: CaseView, name: str) -> str:
    (found,) = [each["value"] for each in card(view).embed["fields"] if each["name"] == name]
    return str(found)


def labels(of: Case) -> list[str]:
    return [each["label"] for row in card(CaseView(of)).components for each in row["components"]]


def test_a_card_tells_what_who_where_and_why() -> None:
    view = CaseView(case(), parent=comment(9, "is it?", "78"), upheld_before=2)
    embed = card(view).embed
    assert embed["title"] == "Case 12 · To review · high"
    assert embed["url"] == "https://x.example/1"
    assert embed["description"] == "||you __**muppet**__||"
    assert field(view, "Author") == "<@77> ann\n2 upheld before"
    assert field(view, "Where") == "<#10>"
    assert field(view, "When") == f"<t:{int(comment().created_at.timestamp())}:f>"  # type: ignore[union-attr]
    assert field(view, "Why").startswith(
        r"**abuse\.directed** insult 0\.93, matched muppet (undone: case)"
    )
    assert "missing: history" in field(view, "Why")
    assert field(view, "Scores").splitlines()[0] == r"`███████░` 0.93 insult"
    assert field(view, "Replied to") == r"**ann** ||is it?||"


def test_a_rule_that_gives_no_reason_is_named_once() -> None:
    hit = replace(MATCH, rule="cars.any", reason="", folding=())
    of = replace(case(), verdict=replace(verdict(comment()), matches=(hit,)))
    assert field(CaseView(of), "Why").splitlines()[0] == r"**cars\.any**"


def test_the_buttons_say_what_they_do() -> None:
    assert labels(case()) == [
        "Uphold · timeout 10 min, warn",
        "False alarm",
        "Unsure",
        "Why?",
        "More",
    ]


def test_a_settled_card_says_by_whom_and_offers_to_undo() -> None:
    review = Review(case().verdict.id, "5", Decision.DISMISS, NOON)
    settled = case(
        review=review, deeds=(Deed(Effect("remove"), done=False, at=NOON, detail="gone"),)
    )
    assert card(CaseView(settled)).embed["title"].startswith("False alarm · Case 12")
    assert field(CaseView(settled), "Decision").startswith("False alarm by <@5> <t:")
    assert field(CaseView(settled), "Done") == "remove not done: gone"
    assert labels(settled) == ["Undo", "Why?", "More"]


def test_a_card_shows_edits_deletion_claims_and_notes() -> None:
    stale = Review("an older verdict", "5", Decision.UPHOLD, NOON)
    changed = CaseView(case(review=stale, deleted=True, notes=(Note("5", "see *above*", NOON),)))
    assert "edited since" in card(changed).embed["title"]
    assert "edited after" in field(changed, "Decision")
    assert "deleted" in field(changed, "Decision")
    assert field(changed, "Notes") == r"<@5> see \*above\*"
    assert field(CaseView(case(assignee="6")), "Decision") == "Claimed by <@6>"


def test_a_decision_that_was_taken_back_stays_to_be_seen() -> None:
    before = tuple(Review("v", str(who), Decision.UPHOLD, NOON) for who in range(5))
    said = field(CaseView(case(withdrawn=before)), "Decision").splitlines()
    assert [line.partition(" <t:")[0] for line in said] == [
        f"Before: Upheld by <@{who}>" for who in (2, 3, 4)
    ]


def test_an_edit_into_something_harmless_is_told_after_a_decision() -> None:
    stale = Review("an older verdict", "5", Decision.UPHOLD, NOON)
    clean = case(review=stale, verdict=replace(verdict(comment()), action=Action.ALLOW, matches=()))
    assert "edited since" not in card(CaseView(clean)).embed["title"]
    assert "edited after this decision" in field(CaseView(clean), "Decision")


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://x.example/a?b=c#d", "https://x.example/a?b=c#d"),
        (
            "https://x.example/)[x](https://y.example",
            "https://x.example/%29[x]%28https://y.example",
        ),
        ("javascript:alert(1)", ""),
        ("https://x.example/ two words", ""),
        ("https://localhost/", ""),
        (7, ""),
    ],
)
def test_only_an_address_that_can_be_shown_is_linked(link: str | int, shown: str) -> None:
    of = replace(comment(), attributes={"link": link})
    assert link_of(of) == shown
    assert card(CaseView(case(of))).embed.get("url", "") == shown


def test_attached_files_are_named() -> None:
    names = tuple(f"*{n}*.png" for n in range(9))
    of = replace(comment(), text="", attributes={"attachments": names})
    view = CaseView(case(of), before=(of,))
    assert field(view, "Attached").splitlines() == [rf"||\*{n}\*\.png||" for n in range(5)]
    assert field(view, "Before it").startswith(r"**ann** *no text* ||\*0\*\.png||")


def test_the_message_replied_to_is_not_shown_twice() -> None:
    parent = comment(9, "is it?", "78")
    first, second, third = (comment(number, f"hm {number}", "79") for number in (6, 7, 10))
    for before in ((second, parent, third), (first, second, third)):
        said = field(CaseView(case(), parent, before), "Before it")
        assert said == "**ann** ||hm 7||\n**ann** ||hm 10||"


def test_what_automod_blocked_says_so() -> None:
    of = replace(comment(), attributes={"automod_rule": "7"})
    assert field(CaseView(case(of)), "Where") == "<#10>\nblocked by Discord's AutoMod"


def test_what_was_done_is_said_in_words_and_once() -> None:
    """Trap: "remove done" under Done, beside "The message was deleted."."""
    deeds = (
        Deed(Effect("remove"), done=True, at=NOON),
        Deed(Effect("timeout", timedelta(minutes=10)), done=True, at=NOON),
    )
    view = CaseView(case(deleted=True, deeds=deeds))
    assert field(view, "Done") == "Message deleted\nAuthor muted for 10 min"
    assert str(card(view).embed).count("deleted") == 1
    refused = CaseView(case(deleted=True, deeds=(replace(deeds[0], done=False),)))
    assert field(refused, "Done") == "remove not done"
    assert "was deleted" in field(refused, "Decision")


def test_a_sites_comment_is_not_taken_for_one_of_discords() -> None:
    site = replace(
        comment(author="77"), source="http", channel="²", author=Author("77", "@everyone")
    )
    view = CaseView(case(site, review=Review("v", "key:blog", Decision.UPHOLD, NOON)))
    assert field(view, "Author") == r"\@everyone"
    assert field(view, "Where") == "http ²"
    assert r"by key\:blog" in field(view, "Decision")
    assert labels(case(site))[0] == "Uphold", "the site acts, not we"
    assert "<@" not in str(card(view).embed)


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://example.org/blog/1?a=b#c1", True),
        ("https://localhost/1", False),
        ("javascript:alert(1)", False),
        ("https://example.org/" + "a" * 2_000, False),
        ("https://example.org/a b", False),
    ],
)
def test_a_link_that_discord_would_refuse_is_left_out(link: str, shown: bool) -> None:
    of = replace(comment(), attributes={"link": link})
    assert (card(CaseView(case(of))).embed.get("url") == link) is shown


def test_a_forgotten_case_has_nothing_left_to_press() -> None:
    blank = case(Comment("1", "", "discord", "10"))
    assert card(CaseView(blank)).components == []


def test_shadow_rules_are_neither_shown_nor_marked() -> None:
    of = comment()
    shadow = replace(MATCH, rule="trial.rule", status=MATCH.status.SHADOW, spans=(Span(0, 3),))
    view = CaseView(Case(1, of, verdict(of, matches=(MATCH, shadow)), NOON))
    assert "trial" not in str(card(view).embed)
    assert card(view).embed["description"] == "||you __**muppet**__||"


@pytest.mark.parametrize(
    "text",
    [
        "|| out of the spoiler ||",
        "**bold** `code` ~~gone~~ # heading",
        "@everyone @here <@5> <@&6> <#7>",
        "[click](https://bad.example) <https://bad.example>",
        "```\nfield: forged\n```",
        "a\\|| b \\\\*c*",
    ],
)
def test_user_text_forges_nothing(text: str) -> None:
    description = card(CaseView(case(comment(text=text), verdict=verdict(comment(text="")))))
    inner = description.embed["description"][2:-2]
    assert not UNESCAPED.search(re.sub(r"__\*\*|\*\*__", "", inner))


def test_hidden_orders_become_visible() -> None:
    assert escaped("a\u202eb\u0007") == "a\ufffdb\ufffd"


def test_names_stay_on_one_line() -> None:
    assert one_line("a\nb\t c", 9) == "a b c"


def test_marks_far_into_a_long_text_are_still_shown() -> None:
    text = "x" * 5_000 + " muppet " + "y" * 5_000
    shown = marked(text, [Span(5_001, 5_007)], 500)
    assert "__**muppet**__" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert size(shown) <= 500


def test_overlapping_spans_are_marked_as_one() -> None:
    assert marked("abcdef", [Span(2, 4), Span(1, 3)], 99) == "a__**bcd**__ef"


def test_ids_come_back_and_foreign_ones_do_not() -> None:
    assert parse_custom_id(custom_id("uphold", 12)) == ("uphold", 12)
    for foreign in (
        "uphold:12",
        "gavel:uphold",
        "gavel:uphold:-1",
        "gavel:uphold:1:2",
        "gavel:x:²",
    ):
        assert parse_custom_id(foreign) is None


def test_values_in_words() -> None:
    assert bar(0.5) == "`████░░░░` 0.50"
    assert [duration(timedelta(seconds=n)) for n in (5, 60, 7200, 172800)] == [
        "5 s",
        "1 min",
        "2 h",
        "2 d",
    ]


wild = st.text(max_size=200) | st.text(
    st.sampled_from("|*_`~<>@[](){}#\\\n\u202e\U0001f600\ud800 a"), max_size=3_000
)
spans = st.lists(st.tuples(st.integers(0, 3_000), st.integers(1, 50)), max_size=4).map(
    lambda rows: tuple(Span(start, start + length) for start, length in rows)
)


@given(wild, spans, st.integers(40, 600))
def test_marked_text_fits_and_ends_no_mark_unclosed(
    text: str, places: tuple[Span, ...], most: int
) -> None:
    shown = marked(text, places, most)
    assert size(shown) <= most
    assert shown.count("__**") == shown.count("**__")


@given(wild, st.integers(2, 300))
def test_cut_text_fits_and_breaks_no_escape(text: str, most: int) -> None:
    shown = cut(text, most)
    assert size(shown) <= most
    assert not (len(shown) - len(shown.rstrip("\\"))) % 2


@settings(max_examples=1_000, deadline=None)
@given(wild, wild, wild, spans, st.integers(0, 9), st.sampled_from(Decision) | st.none())
def test_no_card_breaks_a_limit_of_discord(
    text: str,
    name: str,
    reason: str,
    places: tuple[Span, ...],
    many: int,
    decision: Decision | None,
) -> None:
    of = replace(comment(text=text), author=Author("7", name))
    matches = tuple(
        Match(f"rule.{n}", MATCH.status, Action.HOLD, MATCH.level, reason, places)
        for n in range(many)
    )
    review = Review("other", "5", decision, NOON) if decision else None
    full = Case(
        10**15,
        of,
        verdict(of, Action.HOLD, matches),
        NOON,
        review=review,
        notes=(Note("5", text, NOON),) * many,
        deeds=(Deed(Effect("ban"), done=False, at=NOON, detail=reason),) * many,
    )
    shown = card(CaseView(full, of, (of, of), many))
    check_message({"embeds": [shown.embed], "components": shown.components})
    texts = [shown.embed["title"], shown.embed["description"]]
    texts += [text for each in shown.embed["fields"] for text in (each["name"], each["value"])]
    assert sum(map(size, texts)) + size(shown.embed["footer"]["text"]) <= 6_000
