"""What handlers find with a request: the parts of the edge.

Lives here: the key under which they are kept. Not here: the parts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from bot.model import Comment, Verdict
from bot.web.arrivals import Arrivals
from bot.web.auth import Guard
from bot.web.limits import Admission, Rates
from bot.web.metrics import Metrics
from bot.web.services import WebServices
from bot.web.settings import WebSettings


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of one running edge; `services` and `submit_many` are bounded.

    `submit_many` submits comments side by side: there is room for all of them, or none is begun.
    """

    settings: WebSettings
    services: WebServices
    guard: Guard
    admission: Admission
    rates: Rates
    arrivals: Arrivals
    submit_many: Callable[[Sequence[Comment]], Awaitable[list[Verdict]]]
    metrics: Metrics = field(default_factory=Metrics)


CONTEXT = web.AppKey("context", Context)
