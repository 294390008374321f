"""A sink that remembers what it was given, and can refuse."""

from __future__ import annotations

from bot.errors import DeliveryError
from bot.model import Delivery


class RecordingSink:
    """Keeps each key once, as a sink must; `refuse` holds the errors of the next tries."""

    def __init__(self, name: str = "sink", refuse: list[Exception] | None = None) -> None:
        self._name = name
        self.refuse = refuse or []
        self.tries: list[str] = []
        self.seen: dict[str, Delivery] = {}

    @property
    def name(self) -> str:
        return self._name

    async def deliver(self, delivery: Delivery) -> None:
        self.tries.append(delivery.key)
        if self.refuse:
            raise self.refuse.pop(0)
        self.seen[delivery.key] = delivery


def refusal(retry_after: float | None = None, *, final: bool = False) -> DeliveryError:
    return DeliveryError("not now", retry_after, final=final)
