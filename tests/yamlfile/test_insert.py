"""Adding to a YAML text: it says just that much more, and keeps every other letter."""

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.yamlfile import MapNode, Report, ScalarNode, parse_text
from bot.yamlfile.insert import Value, flow, insert_item

RULES = """\
# Head of the file
rules:
  - id: one   # a comment
    when: {words: [a]}
    examples:
      match:
        # the first
        - plain text
        - {text: "and more",
           reply: true}
        - text: >-
            folded

            over lines
  # about the second
      # and this, oddly placed

  - id: two
    when: {words: [b]}
    examples: {match: ["x"], no_match: []}

  - id: three
    when: {words: [c]}
"""

ITEM: Value = {"text": 'say "hi": # no', "scores": {"insult": 0.93}}
WRITTEN = r'{text: "say \"hi\": # no", scores: {insult: 0.93}}'


def added(text: str, *path: str | int) -> str:
    """Return the lines that an insertion adds or changes."""
    changed = insert_item(text, "rules.yaml", path, ITEM)
    lines = difflib.unified_diff(text.splitlines(), changed.splitlines(), lineterm="", n=0)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def test_a_block_list_gets_it_last() -> None:
    assert added(RULES, "rules", 0, "examples", "match") == f"+        - {WRITTEN}"
    changed = insert_item(RULES, "r", ("rules", 0, "examples", "match"), ITEM)
    assert f"over lines\n        - {WRITTEN}\n  # about" in changed


def test_a_list_in_brackets_gets_it_first() -> None:
    line = f'+    examples: {{match: [{WRITTEN}, "x"], no_match: []}}'
    assert line in added(RULES, "rules", 1, "examples", "match")
    line = f'+    examples: {{match: ["x"], no_match: [{WRITTEN}]}}'
    assert line in added(RULES, "rules", 1, "examples", "no_match")


def test_keys_that_lack_are_made() -> None:
    expected = f"+      no_match:\n+        - {WRITTEN}"
    assert added(RULES, "rules", 0, "examples", "no_match") == expected
    expected = f"+    examples:\n+      match:\n+        - {WRITTEN}"
    assert added(RULES, "rules", 2, "examples", "match") == expected
    assert added(RULES, "exceptions") == f"+\n+exceptions:\n+  - {WRITTEN}"
    flat = "rules: [{id: a, when: {words: [b]}}]\n"
    line = f"+rules: [{{examples: {{match: [{WRITTEN}]}}, id: a, when: {{words: [b]}}}}]"
    assert line in added(flat, "rules", 0, "examples", "match")


def test_lists_that_are_not_indented_and_files_without_a_last_newline() -> None:
    text = "rules:\n- id: a\n  examples:\n    match:\n    - x\n- id: b"
    assert added(text, "rules", 0, "examples", "match") == f"+    - {WRITTEN}"
    changed = insert_item(text, "r", ("rules", 1, "examples", "match"), ITEM)
    assert changed.endswith(f"- id: b\n  examples:\n    match:\n      - {WRITTEN}\n")


def test_line_ends_are_kept() -> None:
    changed = insert_item(RULES.replace("\n", "\r\n"), "r", ("exceptions",), ITEM)
    assert changed.count("\r\n") == changed.count("\n")


@pytest.mark.parametrize("text", ["rules: 3\n", "rules: {a: b}\n"])
def test_what_has_no_place_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="in an editor"):
        insert_item(text, "rules.yaml", ("rules",), ITEM)


def test_what_is_no_yaml_is_refused_with_its_place() -> None:
    with pytest.raises(UserError, match=r"rules\.yaml:1"):
        insert_item("rules: [", "rules.yaml", ("rules",), ITEM)


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LAYOUTS = st.sampled_from(
    [
        ("list:\n{}", "  - {}\n"),
        ("list:\n{}", "- {}\n"),
        ("list:\n{}other: 1\n", "      - {}   # said\n# out here\n"),
        ("head: 1\nlist:\n{}\n# foot\n", "  - {}\n\n"),
    ]
)


@given(WORDS, st.lists(WORDS, min_size=1, max_size=4), LAYOUTS)
def test_any_text_is_read_back_from_any_layout(
    new: str, old: list[str], layout: tuple[str, str]
) -> None:
    whole, line = layout
    text = whole.format("".join(line.format(flow(each)) for each in old))
    report = Report()
    root = parse_text(insert_item(text, "a", ("list",), new), "a", report)
    assert not report.errors
    assert isinstance(root, MapNode)
    items = root.values["list"].items  # type: ignore[attr-defined]  # it is a list
    assert [each.value for each in items if isinstance(each, ScalarNode)] == [*old, new]


def test_half_a_character_cannot_be_written() -> None:
    assert flow("a\ud800b") == '"a\N{REPLACEMENT CHARACTER}b"'


def test_numbers_are_written_as_rules_read_them() -> None:
    assert flow({"a": 0.5, "b": 1.0, "c": 3, "d": True}) == "{a: 0.5, b: 1, c: 3, d: true}"
    assert flow(1e-9) == "0"
