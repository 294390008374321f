"""The ways in which a network and a service fail, as switches."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["429", "429 without Via", "5xx", "lost answer", "no answer"]


@dataclass
class Fault:
    """Meets the next `times` requests of a method whose path contains a pattern.

    `lost answer` applies the request and then drops the connection; `no answer` drops it first.
    """

    kind: Kind
    method: str = "POST"
    path: str = "/channels/"
    times: int = 1
    retry_after: float = 0.05


@dataclass
class Faults:
    """What is broken now. `token_revoked` answers 401 and closes the gateway with 4004.

    `seconds_ahead` is how far this Discord's clock is ahead.
    """

    requests: list[Fault] = field(default_factory=list)
    refuse_resume: bool = False
    refuse_gateway: bool = False
    token_revoked: bool = False
    refuse_intents: bool = False
    seconds_ahead: float = 0

    def meet(self, method: str, path: str) -> Fault | None:
        """Return the fault that a request meets, and use it up by one."""
        for fault in self.requests:
            if fault.times and fault.method == method and re.search(fault.path, path):
                fault.times -= 1
                return fault
        return None
