"""Every way in which a YAML file can be wrong, compared as the whole text that a user sees."""

import tracemalloc
from time import thread_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.yamlfile import Report, parse_text
from tests.yamlfile.reading import read, rendered


def test_plain_yaml_reads_as_it_looks() -> None:
    text = """\
# a comment
name: "quoted"
single: 'it''s'
words: [cat, 'no', 911, 0.5, -3, true, false]
day: 2028-01-31
hours: 22:00-06:00
long: >-
  folded
  text
block: |
  two
  lines
nested: {a: {b: [1]}}
"""
    assert read(text) == {
        "name": "quoted",
        "single": "it's",
        "words": ["cat", "no", 911, 0.5, -3, True, False],
        "day": "2028-01-31",
        "hours": "22:00-06:00",
        "long": "folded text",
        "block": "two\nlines\n",
        "nested": {"a": {"b": [1]}},
    }


WRONG = {
    "duplicate key": (
        "id: a\nid: b\n",
        """\
x.yaml:2:1: error: the key "id" stands here twice
 2 | id: b
   | ^^
   = hint: the first is on line 1; keep one""",
    ),
    "alias": (
        "a: &x [1]\nb: *x\n",
        """\
x.yaml:1:4: error: anchors (&x) are not read
 1 | a: &x [1]
   |    ^^
   = hint: write the value out in full

x.yaml:2:4: error: aliases (*x) are not read
 2 | b: *x
   |    ^^
   = hint: write the value out in full""",
    ),
    "tag": (
        "a: !!python/object:os.system x\n",
        """\
x.yaml:1:4: error: tags (!!python/object:os.system) are not read
 1 | a: !!python/object:os.system x
   |    ^^^^^^^^^^^^^^^^^^^^^^^^^
   = hint: remove the tag""",
    ),
    "tab": (
        "a:\n\t- b\n",
        """\
x.yaml:2:1: error: a tab cannot indent YAML
 2 | \N{REPLACEMENT CHARACTER}- b
   | ^
   = hint: indent with spaces""",
    ),
    "byte order mark": (
        "\ufeffa: b\n",
        """\
x.yaml:1:1: error: the file holds a byte order mark (U+FEFF)
 1 | \N{REPLACEMENT CHARACTER}a: b
   | ^
   = hint: save the file as UTF-8 without a byte order mark""",
    ),
    "NUL": (
        "a: b\nc: d\0e\n",
        """\
x.yaml:2:5: error: the file holds a control character (U+0000)
 2 | c: d\N{REPLACEMENT CHARACTER}e
   |     ^
   = hint: remove it""",
    ),
    "yes and no": (
        "a: [no, Yes]\n",
        """\
x.yaml:1:5: error: no is text to some YAML readers and false to others
 1 | a: [no, Yes]
   |     ^^
   = hint: write "no" in quotes, or false

x.yaml:1:9: error: Yes is text to some YAML readers and true to others
 1 | a: [no, Yes]
   |         ^^^
   = hint: write "Yes" in quotes, or true""",
    ),
    "octal": (
        "a: 0123\n",
        """\
x.yaml:1:4: error: 0123 is read as different numbers, or as text, by different YAML readers
 1 | a: 0123
   |    ^^^^
   = hint: write "0123" in quotes if it is text, or a plain decimal number""",
    ),
    "id without quotes": (
        "a: 1122334455667788\n",
        """\
x.yaml:1:4: error: 1122334455667788 is rounded by some YAML readers
 1 | a: 1122334455667788
   |    ^^^^^^^^^^^^^^^^
   = hint: write "1122334455667788" in quotes""",
    ),
    "nothing": (
        "a: ~\n",
        """\
x.yaml:1:4: error: ~ means nothing at all to YAML
 1 | a: ~
   |    ^
   = hint: write "~" in quotes if it is text, or leave the key out""",
    ),
    "no value": (
        "a:\nb: 1\n",
        """\
x.yaml:1:3: error: a value is missing here
 1 | a:
   |   ^
   = hint: write "" for empty text, or leave the key out""",
    ),
    "number as key": (
        "1: x\n",
        """\
x.yaml:1:1: error: a key must be text, not the number 1
 1 | 1: x
   | ^
   = hint: write "1" in quotes""",
    ),
    "list as key": (
        "? [a]\n: 1\n",
        """\
x.yaml:1:3: error: a key must be text, not a list
 1 | ? [a]
   |   ^""",
    ),
    "unclosed bracket": (
        "a: [1, 2\nb: 3\n",
        """\
x.yaml:1:4: error: this bracket is never closed
 1 | a: [1, 2
   |    ^""",
    ),
    "bracket open to the end": (
        "a: [1, {b: 2}\n",
        """\
x.yaml:1:4: error: this bracket is never closed
 1 | a: [1, {b: 2}
   |    ^""",
    ),
    "unclosed quote": (
        "a: 'x\nb: 3\n",
        """\
x.yaml:1:4: error: this quote is never closed
 1 | a: 'x
   |    ^""",
    ),
    "colon in text": (
        "a: b: c\n",
        """\
x.yaml:1:5: error: a colon is not expected here
 1 | a: b: c
   |     ^
   = hint: put text that holds a colon in quotes""",
    ),
    "reserved character": (
        "a: @here\n",
        """\
x.yaml:1:4: error: text cannot begin with @
 1 | a: @here
   |    ^
   = hint: put the whole text in quotes""",
    ),
    "unknown escape": (
        'a: "\\d+"\n',
        """\
x.yaml:1:5: error: unknown escape in double quotes
 1 | a: "\\d+"
   |     ^
   = hint: use single quotes: no escapes there""",
    ),
    "bad indentation": (
        "- a\nb: c\n",
        """\
x.yaml:2:1: error: this line does not fit those before it
 2 | b: c
   | ^
   = hint: check its indentation""",
    ),
    "second document": (
        "a: 1\n---\nb: 2\n",
        """\
x.yaml:2:1: error: a second document begins here
 2 | ---
   | ^^^
   = hint: one file holds one""",
    ),
    "directive": (
        "%YAML 1.1\n---\na: 1\n",
        """\
x.yaml:1:1: error: YAML directives (%) are not read
 1 | %YAML 1.1
   | ^^^^^^^^^
   = hint: remove the line""",
    ),
    "empty": ("# nothing\n", "x.yaml: error: the file is empty"),
    "deep": (
        "[" * 900,
        f"""\
x.yaml:1:51: error: nested more than 50 levels deep
 1 | {"[" * 120}
   | {" " * 50}^
   = hint: flatten this part""",
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_wrong_file_says_what_where_and_how_to_mend_it(text: str, expected: str) -> None:
    assert rendered(text) == expected


@pytest.mark.parametrize("opening", ["[", "{", "- ", "? ", "{a: ", "[{a: "])
def test_5000_levels_cost_neither_stack_nor_time(opening: str) -> None:
    begun = thread_time()
    text = opening * 5000
    assert len(rendered(text).split("error:")) == 2
    assert thread_time() - begun < 5


def test_alias_bomb_is_never_expanded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    tracemalloc.start()
    shown = rendered("\n".join(lines))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000
    assert "more than 100 problems in this file" in shown


def test_positions_count_code_points_in_any_script() -> None:
    text = "ключ: [\U0001f600\U0001f600, no]\n"
    assert rendered(text).startswith("x.yaml:1:12: ")


@given(st.text(alphabet=st.sampled_from("ab:-[]{}#&*!|>'\"%@`,? \n\t0~\\é\u2028"), max_size=60))
@example("a: \u2028b\n")
@example("? \n- ")
@example("'\n")
@example("a: |\n\t")
def test_no_text_breaks_the_parser(text: str) -> None:
    report = Report()
    node = parse_text(text, "x.yaml", report)
    assert node is not None or report.problems
    for problem in report.problems:
        assert problem.render()
