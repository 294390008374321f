import random
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Location, Problem
from bot.model import LABELS, Scores, Thread, Threshold
from bot.report import About, Screened, Tally, html
from bot.report.render import source
from tests.report.corpus import about, comment, community, match, rule, screened

NASTY = st.sampled_from(
    [
        "</p></article><script>alert(1)</script>",
        '" onmouseover="alert(1)',
        "<img src=https://example.org/x.png>",
        "<!-- ",
        "]]>&lt;b&gt;&#60;i&#62;",
        "{{ words }}{% raw %}",
        "javascript:alert(1)",
        "\x1b[31m\u202e\0\ud800",
    ]
)


class Elements(HTMLParser):
    """Collects the elements, attribute names and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.addresses: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.addresses.extend(
            value or "" for name, value in attrs if name in {"href", "src", "action", "srcset"}
        )

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def parsed(page: str) -> Elements:
    elements = Elements()
    elements.feed(page)
    elements.close()
    return elements


def page_of(items: list[Screened], **more: object) -> str:
    tally = Tally()
    for item in items:
        tally.add(item)
    return html(tally.summary(), about(**more))


def strange(text: str, author: str, title: str) -> str:
    return page_of(
        [
            screened(comment(0, text, author)),
            screened(
                comment(1, f"{text} weed", author, parent_id="c0"),
                match(f"{text} weed", "weed", reason=f"matched weed, {text}", folding=(text,)),
            ),
        ],
        files=(author,),
        skipped={text: 1},
        problems=[Problem("x", text, Location(author, 3), hint=text)],
        threads={"garden": Thread("garden", title)},
    )


@given(NASTY | st.text(max_size=20), NASTY | st.text(max_size=20), NASTY | st.text(max_size=20))
@settings(deadline=None, max_examples=50)
def test_strangers_cannot_forge_an_element(text: str, author: str, title: str) -> None:
    # The harmless page tells which elements there are; only strangers' text may differ.
    forged, plain = parsed(strange(text, author, title)), parsed(strange("a", "b", "c"))
    known = set(plain.tags) | {("span", ("class", "title"))}
    assert set(forged.tags) <= known
    assert set(forged.addresses) == set(plain.addresses)


def test_a_whole_text_is_readable_on_the_page() -> None:
    text = "Tom & Jerry <3 roses; 5 > 4"
    assert text in "".join(parsed(page_of([screened(comment(1, text), match(text))])).words)


def test_nothing_on_the_page_leads_elsewhere() -> None:
    page = page_of(community())
    assert all(address.startswith("#") for address in parsed(page).addresses)
    assert not re.search(r"@import|url\(|https?:|fetch\(|XMLHttp", page)
    assert "default-src &#39;none&#39;" in page


def test_marks_lie_on_the_matched_code_points() -> None:
    page = page_of(community())
    assert "you absolute <mark>m.u.p.p.e.t</mark></p>" in page
    assert "Only a <mark>muppet</mark> would" in page


def test_the_words_that_a_reason_quotes_are_veiled_too() -> None:
    page = page_of(community())
    assert 'matched <b class="veil">water your keyboard</b>' in page


def test_neighbours_on_the_list_are_veiled_and_others_are_not() -> None:
    page = page_of(community())
    assert re.search(r'class="text veil" dir="auto">Only a muppet', page)
    assert re.search(r'class="text" dir="auto">A little late', page)


def test_the_same_input_gives_the_same_page_in_any_order() -> None:
    pages = {page_of(random.Random(seed).sample(community(), k=10)) for seed in range(5)}
    assert pages == {page_of(community())}


def test_without_labels_no_precision_is_claimed() -> None:
    page = page_of([screened(comment(1, "weed"), match("weed", "weed"))])
    assert "is not known yet" in page
    assert "Precision" not in page


def test_thresholds_are_drawn_where_they_lie() -> None:
    page = page_of(community())
    assert 'class="threshold" x1="255.0"' in page
    assert "2 scores at or above" in page


@pytest.mark.parametrize(
    ("operator", "said"),
    [
        (">=", "2 scores at or above"),
        (">", "2 scores above"),
        ("<", "7 scores below"),
        ("<=", "7 scores at or below"),
    ],
)
def test_a_threshold_tells_of_the_side_on_which_its_rule_looks(operator: str, said: str) -> None:
    kind = rule("tone.kind", "Kind words", thresholds=(Threshold("toxicity", operator, 0.85),))
    page = page_of(community(), rules=(kind,))
    assert said in page


def test_what_was_not_read_is_said() -> None:
    problem = Problem("row", "this row is no object", Location("garden.jsonl", 7))
    page = page_of(community(), problems=[problem], skipped={"system messages": 3})
    assert "garden.jsonl:7" in page
    assert "3 system messages" in page


def test_no_more_is_shown_than_people_read_and_the_rest_is_counted() -> None:
    many = [screened(comment(n, f"weed {n}"), match(f"weed {n}", "weed")) for n in range(520)]
    page = page_of(many, verdicts="verdicts.jsonl")
    assert page.count('<article class="card') == 500 + 50
    assert "20 more are not" in page
    assert "verdicts.jsonl" in page


def test_every_rule_shows_examples_however_loud_the_others_are() -> None:
    loud = [
        screened(comment(n, f"weed {n}"), match(f"weed {n}", "weed"), score=0.9) for n in range(520)
    ]
    rare = screened(comment(999, "ivy"), match("ivy", "ivy", rule="abuse.rare"))
    assert "abuse.rare" in page_of([*loud, rare])
    assert ">ivy<" in page_of([*loud, rare])


def test_an_empty_archive_has_a_page_too() -> None:
    assert "There was nothing to screen." in html(Tally().summary(), About())


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_all_text_is_readable_in_both_themes() -> None:
    found = re.findall(r"--(\w[\w-]*): light-dark\((#\w{6}), (#\w{6})\)", source("style.css"))
    colours = {name: (light, dark) for name, light, dark in found}
    inks = ("ink", "muted", "accent", "note", "flag", "hold", "remove", "shadow")
    pairs = [(ink, ground) for ink in inks for ground in ("paper", "card", "sunk")]
    for ink, ground in [*pairs, ("mark-ink", "mark")]:
        for theme in (0, 1):
            assert contrast(colours[ink][theme], colours[ground][theme]) >= 4.5, (ink, ground)


def test_seven_labels_are_shown_in_detoxifys_order() -> None:
    scores = Scores("m", "r", dict.fromkeys(reversed(LABELS), 0.5))
    page = page_of([screened(comment(1, "weed"), match("weed", "weed"), scores=scores)])
    shown = re.findall(r"<figcaption>(\w+ ?\w*)</figcaption>", page)
    assert shown == [label.replace("_", " ") for label in LABELS]


def test_only_the_busiest_rules_are_in_sight() -> None:
    many = [
        screened(
            comment(number, "weed"), *(match("weed", "weed", rule=f"r{n}") for n in range(number))
        )
        for number in range(12)
    ]
    tally = Tally()
    for each in many:
        tally.add(each)
    page = html(tally.summary(), about())
    shown, folded = page.split('<details class="more">')
    assert shown.count('data-name="Only this rule"') == 8
    assert "3 more rules, each with at most 3 hits" in folded
    assert folded.count('data-name="Only this rule"') == 3
