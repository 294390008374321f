"""Rules as moderators read them without their files."""

from __future__ import annotations

from pathlib import Path

from bot.app.ruletext import written
from bot.config import starter_rules
from bot.rules import load_rules

RULES = """\
rules:
  - title: Calls somebody a muppet
    # Friends say it, too.
    id: house.muppet
    when: {words: [muppet]}

    examples:
      match:
      - you muppet
    then: {action: flag}

  # The next one.
  - {id: house.acorn, when: {words: [acorn]}, then: {action: flag}}
exceptions:
  - {id: show, for: [house.muppet], words: [muppet show], reason: a show}
"""


def test_a_rule_is_shown_with_its_comments_and_without_its_examples(tmp_path: Path) -> None:
    path = tmp_path / "house.yaml"
    path.write_text(RULES, encoding="utf-8")
    first, second = (written(each) for each in load_rules(path).loaded)
    by_id = sorted((first, second))
    assert by_id == [
        (
            "- title: Calls somebody a muppet\n"
            "  # Friends say it, too.\n"
            "  id: house.muppet\n"
            "  when: {words: [muppet]}\n"
            "\n"
            "  then: {action: flag}"
        ),
        "- {id: house.acorn, when: {words: [acorn]}, then: {action: flag}}",
    ]


def test_every_starter_rule_is_shown_whole() -> None:
    for each in load_rules(starter_rules()).loaded:
        told = written(each)
        assert told.count("\n- ") == 0
        assert f"id: {each.rule.id}" in told
        assert "when:" in told
        assert "then:" in told or "defaults" in told
