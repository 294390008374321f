"""The live rules: renewed when their files change, and told of in the review channel.

Lives here: watching, reloading and what is said of it. Not here: loading (`bot.rules`) and what the
change would have done (`bot.app.effect`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Protocol

from bot.app.aside import StoppingError
from bot.app.effect import Effect, changes, consequences, failures
from bot.errors import GavelError, Problem, StoreError
from bot.model import RuleStatus
from bot.ports import Clock
from bot.review import RefusedError
from bot.rules import ExampleResult, Reloaded, RuleBook, RuleSet

_LOG = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks at the files; a change counts once it has settled for as long."""

UNCHANGED = "The rules have not changed."
"""What a reload says of rules that mean what they meant."""

_LONGEST_PROBLEMS = 1_200

Tell = Callable[[str, str], Awaitable[None]]
"""Posts a sentence in the review channel, once for a key."""

Print = tuple[tuple[str, int, int], ...]


class Proof(Protocol):
    """Tries rules out (`bot.app.proof`)."""

    async def effect(self, old: RuleSet, new: RuleSet) -> Effect:
        """Return what new rules would have done to the last day's comments."""
        ...

    async def examples(self, rules: RuleSet) -> Sequence[ExampleResult]:
        """Run the examples inside rules."""
        ...


class Quotas(Protocol):
    """Remembers over restarts which rules spent their quota of a day (`bot.store.quotas`)."""

    async def spent(self, day: str) -> Mapping[str, str]:
        """Return rule → the digest that it had when it spent its quota of a day."""
        ...

    async def spend(self, rule: str, day: str, digest: str) -> None:
        """Remember that a rule has spent its quota of a day."""
        ...

    async def renew(self, rule: str, day: str) -> None:
        """Give a rule a whole quota again."""
        ...


class LiveRules:
    """The rules that hold now."""

    def __init__(
        self, book: RuleBook, tell: Tell, proof: Proof, quotas: Quotas, clock: Clock
    ) -> None:
        self._book, self._tell, self._proof, self._clock = book, tell, proof, clock
        self._quotas = quotas
        self._one_at_a_time = asyncio.Lock()
        # What changes before the first look counts too.
        self._seen_first = _print(book)
        self._spent: dict[str, str] = {}

    @property
    def current(self) -> RuleSet:
        """The rules that hold now."""
        return self._book.current

    def quota(self, rule: str) -> int | None:
        """Return how often a rule may act on its own a day."""
        return next((each.quota_per_day for each in self.current.rules if each.id == rule), None)

    def shadow(self, rule: str) -> bool:
        """Let a rule be counted only, until the next reload or start; false when it is already."""
        before = self.current
        try:
            self._book.shadow(rule)
        except KeyError:
            raise RefusedError(f"There is no rule {rule}.") from None
        return self.current is not before

    async def spend(self, rule: str) -> bool:
        """Shadow a rule that spent its quota, until the day is over or it is changed.

        Return false when it is in shadow already.
        """
        digest = self._digests.get(rule, "")
        if not self.shadow(rule):
            return False
        self._spent[rule] = self._today
        try:
            await self._quotas.spend(rule, self._today, digest)
        except StoreError:
            # After a restart its next match finds the quota spent again.
            _LOG.exception("that %s spent its quota could not be stored", rule)
        return True

    async def resume(self) -> None:
        """Shadow the rules that spent today's quota before a restart, and read the same still."""
        for rule, digest in (await self._quotas.spent(self._today)).items():
            if self._digests.get(rule) == digest:
                self.shadow(rule)
                self._spent[rule] = self._today
                _LOG.warning("%s has spent today's quota: it is still only counted", rule)
            else:
                await self._renew(rule)

    async def reload(self) -> str:
        """Read the rules again; return what is said of it, which the review channel hears too."""
        async with self._one_at_a_time:
            old = self._book.current
            spent = self._spent_today()
            done = await asyncio.to_thread(self._book.reload, spent)
            if not done.loaded:
                said = _refused(done.problems)
                if done.news:
                    _LOG.warning(
                        "the rules have mistakes, and were not reloaded: %d", len(done.problems)
                    )
                    await self._tell(f"rules-refused-{self._moment}", said)
                return said
            await self._renew_changed(spent)
            if done.news:
                return await self._loaded(done, old)
            return "\n".join([UNCHANGED, *self._held()])

    def _spent_today(self) -> frozenset[str]:
        return frozenset(rule for rule, day in self._spent.items() if day == self._today)

    def _forget_other_days(self) -> bool:
        """Forget what was spent on other days; say whether there was any."""
        others = self._spent.keys() - self._spent_today()
        for rule in others:
            del self._spent[rule]
        return bool(others)

    async def _renew_changed(self, spent: Collection[str]) -> None:
        """Let those rules begin anew that had spent their quota and were changed by a reload."""
        self._forget_other_days()
        shadows = {each.id for each in self.current.rules if each.status is RuleStatus.SHADOW}
        for rule in set(spent) - shadows:
            self._spent.pop(rule, None)
            await self._renew(rule)

    async def _renew(self, rule: str) -> None:
        try:
            await self._quotas.renew(rule, self._today)
        except StoreError:
            # It is shadowed again by its next match, and told of: no more than a nuisance.
            _LOG.exception("the quota of %s, which was changed, could not be renewed", rule)

    def _held(self) -> Iterator[str]:
        """Yield a sentence on each rule that a reload left in shadow."""
        for rule in sorted(self._spent):
            yield f"`{rule}` has spent today's quota and was not changed: it is still only counted."

    async def _loaded(self, done: Reloaded, old: RuleSet) -> str:
        new = self._book.current
        _LOG.info("rules %s are live", new.id)
        edited = [*done.added, *done.changed, *done.removed]
        lines = ["**The rules were reloaded.**", *changes(old, new), *self._held()]
        try:
            lines += failures(await self._proof.examples(new), edited)
            if old.id != new.id:
                lines += consequences(await self._proof.effect(old, new), edited)
        except StoppingError:
            raise
        except GavelError as error:
            _LOG.exception("what speaks for new rules could not be told")
            lines.append(f"What they do could not be tried out: {error}")
        said = "\n".join(lines)
        await self._tell(f"rules-{new.id}-{self._moment}", said)
        return said

    async def watch(self) -> None:
        """Reload whenever the files have changed or a spent day is over, until cancelled."""
        loaded = seen = self._seen_first
        while True:
            await self._clock.sleep(LOOK_EVERY)
            try:
                now = await asyncio.to_thread(_print, self._book)
                # Several files saved one after another are one change.
                if now == seen != loaded or self._forget_other_days():
                    loaded = now
                    await self.reload()
                seen = now
            except Exception:  # noqa: BLE001 - whatever it was, the rules that hold go on
                _LOG.exception("the files of the rules could not be looked at")

    @property
    def _digests(self) -> Mapping[str, str]:
        return {each.rule.id: each.digest for each in self.current.loaded}

    @property
    def _today(self) -> str:
        return self._clock.now().date().isoformat()

    @property
    def _moment(self) -> int:
        return int(self._clock.now().timestamp() * 1_000)


def _print(book: RuleBook) -> Print:
    """Return what tells whether the files of the rules have changed."""
    return tuple(found for path in sorted(book.sources) if (found := _file_print(path)))


def _file_print(path: Path) -> tuple[str, int, int] | None:
    try:
        known = path.stat()
    except OSError:
        # It is gone; that, too, is a change.
        return None
    return (str(path), known.st_mtime_ns, known.st_size)


def _refused(problems: Sequence[Problem]) -> str:
    texts = [each.render().replace("```", "'''") for each in problems]
    sizes = accumulate(len(text) + 2 for text in texts)
    shown = [text for text, size in zip(texts, sizes, strict=True) if size <= _LONGEST_PROBLEMS]
    # The first is shown even where it is too long: better its beginning than nothing.
    shown = shown or [texts[0][:_LONGEST_PROBLEMS]]
    left = len(texts) - len(shown)
    more = f"\nand {left} more: `gavel rules check` shows all" if left else ""
    listed = "\n\n".join(shown)
    return (
        "**The rules were changed, but have mistakes; the rules from before stay live.**\n"
        f"```\n{listed}\n```{more}"
    )
