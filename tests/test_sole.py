"""What is told when tasks that ran side by side failed."""

from bot.errors import UserError, sole


def test_tasks_that_failed_for_one_kind_of_reason_tell_the_first() -> None:
    first, second = UserError("no"), UserError("neither")
    group = ExceptionGroup("", [first, second])
    assert sole(group, UserError) is first
    assert sole(group, KeyError) is group
    mixed = ExceptionGroup("", [first, KeyError("k")])
    assert sole(mixed, UserError) is mixed
