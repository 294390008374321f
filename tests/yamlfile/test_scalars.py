"""Words that YAML readers disagree on, and what is written so that none can."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.yamlfile import dump
from tests.yamlfile.reading import read, rendered


@pytest.mark.parametrize(
    "word",
    [
        "yes",
        "Yes",
        "YES",
        "no",
        "No",
        "NO",
        "on",
        "On",
        "off",
        "OFF",
        "y",
        "Y",
        "n",
        "N",
        "True",
        "TRUE",
        "False",
        "FALSE",
        "null",
        "Null",
        "NULL",
        "~",
        "012",
        "0o14",
        "0x1F",
        "0b101",
        "1_000",
        "1:30",
        "190:20:30",
        "+1",
        ".5",
        "5.",
        "1e3",
        "1.5e-3",
        ".inf",
        "-.INF",
        ".nan",
        "007",
        "-0x1",
        "+.5",
    ],
)
def test_word_that_yaml_readers_disagree_on_is_refused_unless_quoted(word: str) -> None:
    assert f'write "{word}" in quotes' in rendered(f"a: {word}\n")
    assert read(f"a: '{word}'\n") == {"a": word}


@pytest.mark.parametrize(
    "word",
    ["nope", "online", "1.2.3.4", "3rd", "22:00-06:00", "2028-01-01", "v1", "-x", ".gitignore"],
)
def test_word_that_only_looks_alike_is_text(word: str) -> None:
    assert read(f"a: {word}\n") == {"a": word}


VALUES = st.recursive(
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\ufffe\uffff"))
    | st.booleans()
    | st.integers(-(10**14), 10**14),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "no", "1", "key", "on", "x y"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
@example(
    {"a": ["no", "y", "1e3", "+1", "012", "~", "", " x", "a: b", "#", "\u2028", "@a", "2028-01-01"]}
)
def test_what_is_written_reads_back_as_the_same(value: object) -> None:
    assert read(dump({"value": value})) == {"value": value}
