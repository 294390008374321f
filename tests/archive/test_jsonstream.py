"""The walk through JSON gives what a whole decoding gives, however the text arrives."""

import json
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.archive.files import Bundle
from bot.archive.jsonstream import clean, walk
from bot.archive.source import Journal, Source
from bot.errors import Problem

HERE = Bundle(Path(__file__))

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


class Arriving(Source):
    """A source whose text arrives in small pieces."""

    def __init__(self, text: str, size: int) -> None:
        super().__init__(HERE, HERE.members[0], Journal(), {})
        self._arriving = [text[at : at + size] for at in range(0, len(text), size)]

    def text(self) -> Iterator[str]:
        yield from self._arriving

    def problems(self) -> list[Problem]:
        """What was noted, but for characters that had to be replaced."""
        return [each for each in self.journal.drain() if each.code != "unfit-text"]


@given(
    document=st.fixed_dictionaries(
        {"before": values, "messages": st.lists(values, max_size=5), "after": values}
    ),
    size=st.integers(1, 40),
    indent=st.sampled_from([None, 1]),
    ascii_only=st.booleans(),
)
def test_streaming_gives_what_decoding_the_whole_gives(
    document: dict[str, object], size: int, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    source = Arriving(text, size)
    walked = list(walk(source, ("messages", "*")))
    expected = clean(json.loads(text))
    assert isinstance(expected, dict)
    assert [value for path, value in walked if path == ("messages", "*")] == expected["messages"]
    assert dict(each for each in walked if len(each[0]) == 1) == {
        ("before",): expected["before"],
        ("after",): expected["after"],
    }
    assert source.problems() == []


@given(elements=st.lists(values, min_size=1, max_size=6), size=st.integers(1, 40))
def test_lists_stream_and_places_point_at_their_elements(elements: list[object], size: int) -> None:
    text = json.dumps(elements, indent=2)
    source = Arriving(text, size)
    lines = text.split("\n")
    for path, value in walk(source, ("*",)):
        assert path == ("*",)
        assert source.column is not None
        rest = lines[source.line - 1][source.column - 1 :]
        assert rest.startswith(json.dumps(value)[:1])
    assert source.problems() == []


@given(data=st.text(alphabet='[]{},:"01 \n\\uae', max_size=60), size=st.integers(1, 20))
def test_no_text_raises_and_what_is_wrong_is_told(data: str, size: int) -> None:
    source = Arriving(data, size)
    walked = list(walk(source, ("*",), ("a", "*")))
    try:
        json.loads(data, strict=False)
    except ValueError:
        assert source.problems()
    else:
        assert walked or not data.strip("[]{} \n") or '"a"' in data


def test_a_broken_element_costs_only_itself() -> None:
    source = Arriving('[{"id": 1}, {"id" 2}, {"id": 3, "x": [{"id": 4}]}, {"id": 5},]', 7)
    assert [value for _, value in walk(source, ("*",))] == [
        {"id": 1},
        {"id": 3, "x": [{"id": 4}]},
        {"id": 5},
    ]
    (problem,) = source.problems()
    assert problem.code == "bad-json"
    assert str(problem.location).endswith(":1:19")


def test_deep_nesting_and_long_numbers_are_problems() -> None:
    for bomb in ("[" * 200_000, '{"a":' * 200_000, "9" * 10_000):
        source = Arriving(f'[{{"id": 0}}, {bomb}, {{"id": 1}}]', 1 << 16)
        assert {"id": 0} in [value for _, value in walk(source, ("*",))]
        assert [each.code for each in source.problems()] == ["bad-json"]


def test_chats_within_lists_stream_too() -> None:
    text = json.dumps({"chats": {"list": [{"name": n, "messages": [1, 2]} for n in "ab"]}})
    chat = ("chats", "list", "*")
    source = Arriving(text, 5)
    assert list(walk(source, (*chat, "messages", "*"))) == [
        ((*chat, "name"), "a"),
        ((*chat, "messages", "*"), 1),
        ((*chat, "messages", "*"), 2),
        ((*chat, "name"), "b"),
        ((*chat, "messages", "*"), 1),
        ((*chat, "messages", "*"), 2),
    ]
