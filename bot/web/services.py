"""Whom the HTTP edge calls.

Lives here: services as frozen values, and the same services with bounds. Not here: how they are
built (`bot.app`), and the settings (`bot.web.settings`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.model import Comment, Delivery, ModelInfo, Scores, Verdict
from bot.ports import (
    AnswerStore,
    ArrivalStore,
    Clock,
    Health,
    KeyStore,
    Statistics,
    VerdictStore,
)
from bot.review import ReviewDesk


@dataclass(frozen=True, slots=True)
class WebServices:
    """Whom the HTTP edge calls.

    `submit` screens, stores and files a comment, and returns when that is stored; `preview` screens
    and keeps nothing. `score` gives a row for each text, in order. `model` and `ruleset` tell what
    answers now. All may raise `bot.errors.GavelError`; `submit`, `preview` and `score` as route
    modules get them raise `bot.errors.BusyError` when more is under way than may be. `languages`
    are the ISO 639-1 codes of those in which the model was trained. `tell` queues deliveries.
    """

    submit: Callable[[Comment], Awaitable[Verdict]]
    preview: Callable[[Comment], Awaitable[Verdict]]
    score: Callable[[Sequence[str]], Awaitable[Sequence[Scores]]]
    model: Callable[[], ModelInfo]
    ruleset: Callable[[], str]
    desk: ReviewDesk
    verdicts: VerdictStore
    keys: KeyStore
    answers: AnswerStore
    arrivals: ArrivalStore
    health: Health
    statistics: Statistics
    clock: Clock
    tell: Callable[[Sequence[Delivery]], Awaitable[None]]
    languages: tuple[str, ...] = ("en",)
