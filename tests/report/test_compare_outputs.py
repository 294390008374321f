import io
import json
import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from bot.model import Action, Comment, Edit, EditDetail, Verdict
from bot.report import (
    Change,
    ChangeLines,
    Comparison,
    Difference,
    compare_html,
    comparison_markdown,
    print_comparison,
)
from tests.report.corpus import RULES, about, comment, match, rule, verdict
from tests.report.test_comparison import pairs
from tests.report.test_page import NASTY, parsed

OLD = about(name="rules@main")
NEW = about(name="rules", rules=(*RULES, rule("spam.roses", "Too many roses")))


def difference_of(items: list[tuple[Comment, Verdict, Verdict]]) -> Difference:
    comparison = Comparison()
    for item in items:
        comparison.add(*item)
    return comparison.difference()


def strange(text: str, author: str) -> Difference:
    written = comment(1, f"{text} weed", author)
    hit = match(written.text, "weed", reason=f"matched weed, {text}")
    return difference_of([(written, verdict(written), verdict(written, hit))])


def test_the_page_tells_what_changes_and_why() -> None:
    page = compare_html(difference_of(pairs()), OLD, NEW, ["1 comment is newly flagged."])
    said = " ".join("".join(parsed(page).words).split())
    assert "Of 10 comments, 1 is newly flagged and 1 is no longer flagged." in said
    assert "Over the limit: 1 comment is newly flagged." in said
    assert "Too many roses matches now" in said
    assert "rules@main → rules" in said


def test_nothing_changed_is_a_page_too() -> None:
    same = [(item, old, old) for item, old, _ in pairs()]
    page = compare_html(difference_of(same), OLD, OLD)
    assert "Nothing changes for any of 10 comments." in page
    assert "<article" not in page


@given(NASTY | st.text(max_size=20), NASTY | st.text(max_size=20))
@settings(deadline=None, max_examples=40)
def test_strangers_cannot_forge_an_element_of_the_page(text: str, author: str) -> None:
    forged = parsed(compare_html(strange(text, author), OLD, NEW))
    plain = parsed(compare_html(strange("a", "b"), OLD, NEW))
    assert set(forged.tags) <= set(plain.tags) | {("span", ("class", "title"))}
    assert forged.addresses == plain.addresses


MARKDOWN = NASTY | st.text(st.sampled_from("`|[]()<>@#*_!\n\\ab "), max_size=20)


@given(MARKDOWN, MARKDOWN)
def test_strangers_stay_inside_code_in_markdown(text: str, author: str) -> None:
    forged = comparison_markdown(strange(text, author), OLD, NEW)
    plain = comparison_markdown(strange("a", "b"), OLD, NEW)
    assert without_code(forged) == without_code(plain)


def without_code(markdown: str) -> str:
    """Take out code spans as CommonMark delimits them: equal runs of backticks on one line."""
    return re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "CODE", markdown)


def test_markdown_has_tables_and_folds_the_texts_away() -> None:
    text = comparison_markdown(difference_of(pairs()), OLD, NEW, ["too many"])
    assert text.startswith("### Of 10 comments, 1 is newly flagged and 1 is no longer flagged.")
    assert "> **Over the limit:** too many" in text
    assert "| `spam.roses` | 0 | 2 | 1 | 1 | 0 |" in text
    assert "<details><summary>Newly flagged: 1 of 1, the texts may offend</summary>\n\n- " in text


def printed(difference: Difference) -> str:
    stream = io.StringIO()
    print_comparison(difference, OLD, NEW, Console(file=stream, width=80), ["too many"])
    return stream.getvalue()


def test_the_terminal_tells_it_in_80_columns() -> None:
    text = printed(difference_of(pairs()))
    assert max(map(len, text.splitlines())) <= 80
    assert "rules@main → rules" in text
    assert "spam.roses matches now: insult 0.93, matched roses" in text
    assert "Over the limit: too many" in text


@given(st.text(st.sampled_from("\x1b\x9b\x07\r\n[]()ab/:\u202e"), max_size=20))
def test_no_control_sequence_reaches_the_terminal(text: str) -> None:
    assert not set(printed(strange(text, text))) & set("\x1b\x9b\x07\r\u202e")


def test_only_what_changed_is_written_as_json_lines() -> None:
    stream = io.StringIO()
    sink = ChangeLines(stream)
    for item in pairs():
        sink.add(Change(*item))
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["comment_id"], line["change"]) for line in lines] == [
        ("c0", "newly flagged"),
        ("c2", "unchanged"),
        ("c3", "unchanged"),
        ("c9", "no longer flagged"),
    ]
    assert lines[0]["old"]["action"] == "allow"
    assert lines[0]["new"]["matches"][0]["rule"] == "spam.roses"


def test_a_rule_that_grew_harsher_is_told_as_such() -> None:
    text = comment(1, "weed")
    noted = verdict(text, match("weed", "weed", action=Action.NOTE))
    difference = difference_of([(text, noted, verdict(text, match("weed", "weed")))])
    assert "abuse.insult was “Noted”: insult 0.93, matched weed" in printed(difference)
    assert "  - `abuse.insult` was “Noted”" in comparison_markdown(difference, OLD, NEW)
    assert "was “Noted”" in compare_html(difference, OLD, NEW)


EDITS = (
    Edit(
        "abuse.insult",
        "Insult aimed at another member",
        "changed",
        (EditDetail("1 entry removed", ("muppet",)), EditDetail("status live → shadow")),
    ),
    Edit("spam.roses", "Too many roses", "added", (EditDetail("live, flag"),)),
    Edit("spam.links", "Many links at once", "changed", (EditDetail("links ≥ 2 → ≥ 3"),)),
    Edit("exception shows", "shows", "added", (EditDetail("for abuse.*: 1 innocent entry"),)),
)


def test_every_output_tells_what_was_edited_and_what_it_does() -> None:
    new, found, console = (
        replace(NEW, edits=EDITS),
        difference_of(pairs()),
        Console(file=io.StringIO(), width=100),
    )
    page = compare_html(found, OLD, new)
    print_comparison(found, OLD, new, console)
    assert isinstance(console.file, io.StringIO)
    markdown = comparison_markdown(found, OLD, new)
    for said in (" ".join("".join(parsed(page).words).split()), console.file.getvalue(), markdown):
        assert "1 entry removed" in said
        assert "Matches 0 instead of 2; the same comments go to review." in said
        assert "Newly flags 1." in said
        assert "o effect on these comments" in said
    assert 'href="#changes" data-filter-rule' in page.split('id="edits"')[1].split("</section>")[0]
    # Entries may offend: they are veiled, and stay out of a pull request.
    assert '<span class="veil">muppet</span>' in page
    assert "muppet" not in markdown.split("<details>")[0]


def test_the_same_rules_on_both_sides_are_said_to_be_the_same() -> None:
    same = [(item, old, old) for item, old, _ in pairs()]
    assert "Both sides have the same rules." in compare_html(difference_of(same), OLD, NEW)


@given(NASTY)
def test_edits_cannot_forge_markdown(text: str) -> None:
    edit = Edit(text, text, "changed", (EditDetail(text, (text,)),))
    said = comparison_markdown(difference_of([]), OLD, replace(NEW, edits=(edit,)))
    (line,) = [each for each in said.splitlines() if each.startswith("- changed")]
    plain = re.sub(r"\\.", "", re.sub(r"(`+).*?[^`]\1(?!`)", "", line))
    assert not re.search(r"[<>@\[\]!#|~*]", plain)
