from bot.report.phrases import group_by_phrase
from bot.report.values import Context, Shown
from tests.report.corpus import comment, screened

ORDINARY = [f"the roses in bed {n} are doing well and you know the soil" for n in range(100)]


def shown(*texts: str) -> list[Shown]:
    return [Shown(screened(comment(n, text)), Context()) for n, text in enumerate(texts)]


def test_comments_are_grouped_by_the_phrase_they_share() -> None:
    items = shown(
        "go back to your compost heap, you",
        "nobody asked",
        "off with you, back to your compost heap",
        "back to your Compost Heap!",
    )
    first, rest = group_by_phrase(items, ORDINARY)
    assert first.phrase == "back to your compost heap"
    assert [item.screened.comment.id for item in first.comments] == ["c0", "c2", "c3"]
    assert (rest.phrase, len(rest.comments)) == ("", 1)


def test_what_everybody_says_groups_nobody() -> None:
    (group,) = group_by_phrase(shown("the roses, fool", "the roses, dunce"), ORDINARY)
    assert group.phrase == ""


def test_every_comment_is_in_exactly_one_group() -> None:
    items = shown("weed and ivy", "weed", "ivy", "weed and ivy", "moss")
    groups = group_by_phrase(items, ORDINARY)
    ids = [item.screened.comment.id for group in groups for item in group.comments]
    assert sorted(ids) == ["c0", "c1", "c2", "c3", "c4"]


def test_nothing_gives_no_groups() -> None:
    assert group_by_phrase([], ORDINARY) == ()
