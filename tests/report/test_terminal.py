import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.errors import Location, Problem, Severity
from bot.report import Screened, Tally, html, print_summary
from tests.report.corpus import about, comment, community, match, rule, screened


def printed(items: list[Screened], **more: object) -> str:
    tally = Tally()
    for item in items:
        tally.add(item)
    stream = io.StringIO()
    print_summary(tally.summary(), about(**more), Console(file=stream, width=80))
    return stream.getvalue()


def page_of(items: list[Screened], **more: object) -> str:
    tally = Tally()
    for item in items:
        tally.add(item)
    return html(tally.summary(), about(**more))


def test_the_summary_fits_80_columns_and_tells_the_essentials() -> None:
    text = printed(community(), skipped={"system messages": 3})
    assert max(map(len, text.splitlines())) <= 80
    assert text.startswith("Of 10 comments, 3 would go to review.")
    assert "abuse.insult    To review" in text
    assert "Insult aimed at another member: insult 0.93, matched muppet" in text
    assert "Precision 100 % (34–100 %; 2 of 2)" in text
    assert "Left out: 3 system messages." in text


def test_a_long_comment_is_shown_around_its_match() -> None:
    text = "a " * 200 + "weed" + " b" * 200
    shown = printed([screened(comment(1, text), match(text, "weed"))])
    assert "weed b b" in shown
    assert "a a a a" in shown
    assert "…" in shown


def test_problems_are_told_with_their_place() -> None:
    problems = [Problem("row", f"row {n} is broken", Location("x.jsonl", n)) for n in range(1, 9)]
    text = printed(community(), problems=problems)
    assert "x.jsonl:1: error: row 1 is broken" in text
    assert "and 3 more" in text


def test_an_interrupted_run_says_so() -> None:
    assert "Stopped early" in printed(community(), interrupted=True)


@given(st.text(st.sampled_from("\x1b\x9b\x07\r\n[]()ab/:\u202e"), max_size=20))
def test_no_control_sequence_and_no_markup_of_strangers_is_obeyed(text: str) -> None:
    written = comment(1, f"{text} weed", text, id=text)
    hit = match(written.text, "weed", reason=text, rule=f"r{text}")
    shown = printed(
        [screened(written, hit)],
        skipped={text: 2},
        problems=[Problem("x", text, Location(text, 1, 1, text), hint=text)],
    )
    assert not set(shown) & set("\x1b\x9b\x07\r\u202e")


def test_square_brackets_are_text_and_not_markup() -> None:
    assert "[bold red]weed[/]" in printed(
        [screened(comment(1, "[bold red]weed[/]"), match("weed"))]
    )


def test_without_an_abusive_comment_no_measure_is_made_up() -> None:
    text = printed([screened(comment(1, "fine", label=False))])
    for name in ("Precision not known", "Recall    not known", "F1        not known"):
        assert f"\n{name}\n" in text


def labelled() -> list[Screened]:
    """Return one of ten abusive comments as spam, and all that rules for spam caught."""
    spam = match("weed", "weed", labels=("spam",))
    abusive = [screened(comment(number, "rude", label=True)) for number in range(1, 10)]
    return [screened(comment(0, "weed", label=True), spam), *abusive]


def test_a_kind_of_abuse_has_a_precision_and_no_recall_that_nobody_can_count() -> None:
    """Moderators do not say of which kind a comment is: spam that is all caught is not 10 %."""
    text = printed(labelled())
    table = text.split("By the rules’ labels\n")[1].split("\n\n")[0].splitlines()
    assert table[0].split() == ["Label", "Hits", "Precision", "95", "%", "interval"]
    assert table[1].split() == ["spam", "1", "100", "%", "21–100", "%"]
    page = page_of(labelled()).split("Rules’ label")[1].split("</table>")[0]
    assert "100 % <small>21–100 %</small>" in page
    assert "Recall" not in page
    assert "F1" not in page


def test_what_a_rule_says_of_a_comment_is_said_once() -> None:
    """Trap: "Told to go: tells somebody to go: weed", and "cars.any: cars.any" without a title."""
    long = "Word that does not belong in a garden, " * 4
    rules = (rule("talk.go", "Told to go"), rule("cars.any", "cars.any"), rule("long.one", long))
    items = [
        screened(comment(1, "weed"), match("weed", "weed", "talk.go", reason="Told to go: weed")),
        screened(comment(2, "weed"), match("weed", "weed", "cars.any", reason="")),
        screened(comment(3, "weed"), match("weed", "weed", "long.one", reason=f"{long}: weed")),
    ]
    lines = [line.strip() for line in printed(items, rules=rules).split("Strongest")[1].split("\n")]
    assert "Told to go: weed" in lines
    assert "cars.any" in lines
    assert sum("does not belong in a garden" in line for line in lines) <= 2
    page = page_of(items, rules=rules)
    assert "<b>cars.any</b>" in page
    assert '<span class="rule-id">cars.any</span>' not in page
    assert '<span class="rule-id">talk.go</span>' in page


def test_problems_and_warnings_are_counted_apart() -> None:
    """Trap: a warning alone was "1 problem while reading"."""
    warning = Problem("row", "odd", Location("x.jsonl", 1), severity=Severity.WARNING)
    error = Problem("row", "broken", Location("x.jsonl", 2))
    assert "\n1 warning while reading\n" in printed(community(), problems=[warning])
    both = [warning, error, warning]
    assert "\n1 problem and 2 warnings while reading\n" in printed(community(), problems=both)
    assert "<summary>1 problem and 2 warnings while reading" in page_of(community(), problems=both)


def test_where_nothing_matched_the_report_offers_nothing_to_show_and_counts_no_zeros() -> None:
    quiet = [screened(comment(1, "good morning"))]
    assert "1 Mar 2024: nothing to review." in printed(quiet)
    page = page_of(quiet)
    assert "nothing to review." in page
    assert 'id="show-all"' not in page
    assert "0 scores at or above" not in page
    assert "No score passes the threshold of a rule." in page
    assert 'id="show-all"' in page_of(community())


def test_measures_are_explained_where_they_stand() -> None:
    assert "F1 is both in one number" in " ".join(printed(community()).split())
    assert "F1 is both in one number" in page_of(community())


def test_rules_that_leave_archives_out_are_named_with_the_way_to_try_them() -> None:
    said = printed(community(), not_asked=("flood.comments", "raid.same-text"))
    assert "Not asked: flood.comments and raid.same-text: by scope not for archives." in said
    assert "flood.comments and raid.same-text" in page_of(
        community(), not_asked=("flood.comments", "raid.same-text")
    )
    assert "Not asked" not in printed(community())
