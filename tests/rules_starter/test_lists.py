"""The word lists: plain, sorted, each entry once, and every one of them in use."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from tests.rules_starter.starter import RULES

LISTS = sorted(RULES.rglob("*.txt"))


def entries(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def sections(path: Path) -> Iterator[list[str]]:
    block: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            block.append(line)
        elif block:
            yield block
            block = []
    yield block


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_list_is_plain(path: Path) -> None:
    found = entries(path)
    assert found
    assert path.read_text(encoding="utf-8").startswith("# "), "a list says what it holds"
    assert [each for each in found if each != each.strip().lower()] == []
    assert sorted({each for each in found if found.count(each) > 1}) == []
    for block in sections(path):
        assert [(a, b) for a, b in pairwise(block) if a > b] == []


def test_every_list_is_used() -> None:
    used = {
        (file.parent / words["file"]).resolve()
        for file in RULES.rglob("*.yaml")
        for words in yaml.safe_load(file.read_text(encoding="utf-8")).get("lists", {}).values()
    }
    assert used == {path.resolve() for path in LISTS}


def test_strong_and_mild_profanity_share_no_entry() -> None:
    lists = RULES / "en" / "lists"
    strong = entries(lists / "profanity-strong.txt")
    assert set(strong).isdisjoint(entries(lists / "profanity-mild.txt"))


def test_a_wildcard_is_long_enough_to_be_no_accident() -> None:
    wild = [entry for path in LISTS for entry in entries(path) if "*" in entry]
    assert wild
    assert [entry for entry in wild if len(entry.strip("*")) < 4] == []
