"""What is made fast is what the class itself would have made."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest
from hypothesis import given

from bot.frozen import maker
from bot.model import Comment, Scores, Verdict
from tests.replay.test_packing import COMMENTS

make_comment = maker(Comment)


@dataclass(frozen=True, slots=True)
class Point:
    """One field that must be given, one with a default, one that is made anew each time."""

    x: int
    y: int = 2
    trail: list[int] = field(default_factory=list)


@given(COMMENTS)
def test_it_is_equal_and_of_the_same_class(comment: Comment) -> None:
    values = [getattr(comment, name) for name in Comment.__slots__]
    made = make_comment(*values)
    assert type(made) is Comment
    assert made == comment
    assert repr(made) == repr(comment)


def test_defaults_are_those_of_the_class() -> None:
    make = maker(Point)
    assert make(1) == Point(1)
    assert make(x=1, y=3, trail=[4]) == Point(1, 3, [4])
    assert make(1).trail is not make(1).trail


def test_what_the_class_wants_must_be_given() -> None:
    with pytest.raises(TypeError, match="x"):
        maker(Point)()  # type: ignore[call-arg]


def test_it_is_frozen() -> None:
    made = make_comment("1", "x")
    with pytest.raises(FrozenInstanceError):
        made.text = "y"  # type: ignore[misc]


@pytest.mark.parametrize("cls", [Comment, Scores, Verdict])
def test_all_that_is_made_by_the_million_can_be_made_so(cls: type) -> None:
    names = cls.__slots__  # type: ignore[attr-defined]
    made = maker(cls)(*names)
    assert made == cls(*names)
    assert replace(made, **{names[0]: "other"}) == cls("other", *names[1:])
    assert pickle.loads(pickle.dumps(made)) == copy.copy(made) == made  # noqa: S301 - our own bytes
