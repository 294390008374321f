"""Spent quotas in memory, and a store of them that fails."""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import StoreError


class MemoryQuotas:
    """A `bot.app.rules.Quotas` that outlives the rules that it is lent to."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], str] = {}
        self.renewed: list[str] = []
        self.full = False

    async def spent(self, day: str) -> Mapping[str, str]:
        return {rule: digest for (rule, at), digest in self.known.items() if at == day}

    async def spend(self, rule: str, day: str, digest: str) -> None:
        self._try()
        self.known[rule, day] = digest

    async def renew(self, rule: str, day: str) -> None:
        self._try()
        self.known.pop((rule, day), None)
        self.renewed.append(rule)

    def _try(self) -> None:
        if self.full:
            raise StoreError("the disk is full")
