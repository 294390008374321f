"""What the store writes as JSON comes back as it was."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.cases import Case, Decision, Deed, Note, Review
from bot.model import Comment, Effect
from bot.store.codec import dump, load
from tests.store.examples import NOON, comment, verdict

surrogates = st.text(st.characters(exclude_categories=()))
attributes = st.dictionaries(
    surrogates,
    st.one_of(surrogates, st.booleans(), st.integers(), st.lists(surrogates).map(tuple)),
    max_size=3,
)
times = st.none() | st.datetimes(timezones=st.just(UTC), min_value=datetime(1990, 1, 1))  # noqa: DTZ001 - the strategy adds the zone


@given(surrogates, surrogates, times, st.none() | st.booleans(), attributes)
def test_comments_come_back(
    key: str, text: str, at: datetime | None, label: bool | None, more: dict[str, str]
) -> None:
    there = Comment(key, text, edited_at=at, label=label, attributes=more)
    assert load(Comment, dump(there)) == there
    assert dump(there).isascii()


def test_a_case_comes_back_whole() -> None:
    of = comment()
    review = Review("v", "m", Decision.UPHOLD, NOON, "clear")
    case = Case(
        7,
        of,
        verdict(of),
        NOON,
        revision=3,
        review=review,
        withdrawn=(replace(review, decision=Decision.UNSURE),),
        notes=(Note("m", "see case 5", NOON),),
        deeds=(Deed(Effect("remove"), done=False, at=NOON, detail="gone"),),
        assignee="m",
    )
    assert load(Case, dump(case)) == case


def test_fields_of_a_newer_version_are_left_out() -> None:
    assert load(Comment, '{"id": "1", "text": "x", "later": 5}') == Comment("1", "x")
