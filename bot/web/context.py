"""What handlers find with a request: the parts of the edge.

Lives here: the key under which they are kept. Not here: the parts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import web

from bot.web.auth import Guard
from bot.web.limits import Admission, Rates
from bot.web.metrics import Metrics
from bot.web.services import WebServices
from bot.web.settings import WebSettings


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of one running edge; `services` are bounded."""

    settings: WebSettings
    services: WebServices
    guard: Guard
    admission: Admission
    rates: Rates
    metrics: Metrics = field(default_factory=Metrics)


CONTEXT = web.AppKey("context", Context)
