"""Conditions on what a comment carries besides words: `mentions` and `attachments`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from bot.model import AttributeValue, Comment, Facts
from bot.rules.batch import Batch, Flags, Screen
from bot.rules.conditions.base import Condition
from bot.rules.kinds import GLOB, CompareNumber, Comparison, Globs
from bot.rules.look import NO, Answer, Look, truth, unknown
from bot.yamlfile import Field, Flag, ListOf

_ONE = Comparison(">=", 1)

_MENTION = re.compile(r"<@[!&]?(\d+)>|(?<![\w@.])@(?!everyone\b|here\b)(\w[\w.-]*)")
_EVERYONE = re.compile(r"(?<![\w@.])@(?:everyone|here)\b")


@dataclass(frozen=True)
class Mentions(Condition):
    """People and roles who are called."""

    count: Comparison | None = None
    everyone: bool | None = None

    name: ClassVar[str] = "mentions"
    title = "The comment mentions this many people, or everyone"
    doc = (
        "Counts different people and roles, as the source tells them and otherwise as the text "
        "names them (`@name`). All that is given must hold."
    )
    example = 'mentions: {count: ">= 5"}'
    parameters = (
        Field("count", CompareNumber(">= 5", whole=True), "Different people and roles."),
        Field("everyone", Flag(), "True: everyone, or all who are here, are called."),
    )

    def test(self, look: Look) -> Answer:
        comment = look.facts.comment
        if self.count is not None and not self.count.holds(_count(comment)):
            return NO
        return truth(self.everyone is None or _calls_everyone(comment) is self.everyone)

    def screen(self, batch: Batch) -> Screen:
        asked = (self.count is None or not self.count.holds(0)) and self.everyone is not False
        if not asked:
            return batch.open()
        return Screen(batch.once(_may_mention), batch.open().miss)

    def detail(self, look: Look) -> str:
        return f"{_count(look.facts.comment)} mentioned"


def _may_mention(batch: Batch) -> Flags:
    attributes = (each.comment.attributes for each in batch.facts)
    flags = np.array([any(told.values()) and _tells(told) for told in attributes], dtype=np.bool_)
    for rows, texts in batch.texts.parts:
        flags[rows[texts.owners(texts.at("@"))]] = True
    return flags


def _tells(told: Mapping[str, AttributeValue]) -> bool:
    return bool(told.get("mentions") or told.get("role_mentions") or told.get("mentions_everyone"))


def _count(comment: Comment) -> int:
    told = [comment.attributes.get(name) for name in ("mentions", "role_mentions")]
    if any(isinstance(each, tuple) for each in told):
        return len({name for each in told if isinstance(each, tuple) for name in each})
    return len({match.group() for match in _MENTION.finditer(comment.text)})


def _calls_everyone(comment: Comment) -> bool:
    told = comment.attributes.get("mentions_everyone")
    if isinstance(told, bool):
        return told
    return _EVERYONE.search(comment.text) is not None


@dataclass(frozen=True)
class Attachments(Condition):
    """Files that hang on a comment."""

    count: Comparison = _ONE
    names: tuple[str, ...] = ()

    name: ClassVar[str] = "attachments"
    title = "The comment carries files"
    doc = (
        "Counts attached files; with `names`, only files of such names. Needs a source that tells."
    )
    example = 'attachments: {names: ["*.exe", "*.scr"]}'
    parameters = (
        Field("count", CompareNumber(">= 4", whole=True), "How many such files."),
        Field("names", ListOf(GLOB), "File names, with * for anything."),
    )

    def test(self, look: Look) -> Answer:
        files = look.facts.comment.attributes.get("attachments")
        if not isinstance(files, tuple):
            return unknown(look.lack("attachments"))
        fits = [name for name in files if not self.names or Globs(self.names).match(name)]
        return truth(self.count.holds(len(fits)))

    def screen(self, batch: Batch) -> Screen:
        if self.count.holds(0):
            return batch.open()
        return Screen(batch.flags(_may_have_files), batch.open().miss)

    def detail(self, look: Look) -> str:
        files = look.facts.comment.attributes.get("attachments")
        return f"files {', '.join(files)}" if isinstance(files, tuple) else "not told"


def _may_have_files(facts: Facts) -> bool:
    return facts.comment.attributes.get("attachments") != ()
