"""What the HTTP edge must be told: where it listens, whom it calls.

Lives here: settings and services as frozen values. Not here: `config.yaml` (`bot.config`) and how
the services are built (`bot.app`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.model import Comment, ModelInfo, Scores, Verdict
from bot.review import ReviewDesk


@dataclass(frozen=True, slots=True)
class WebServices:
    """Whom the HTTP edge calls.

    `submit` screens, stores and files a comment, and returns when that is stored; `preview` screens
    and keeps nothing. `score` gives a row for each text, in order. `model` and `ruleset` tell what
    answers now. All may raise `bot.errors.GavelError`.
    """

    submit: Callable[[Comment], Awaitable[Verdict]]
    preview: Callable[[Comment], Awaitable[Verdict]]
    score: Callable[[Sequence[str]], Awaitable[Sequence[Scores]]]
    model: Callable[[], ModelInfo]
    ruleset: Callable[[], str]
    desk: ReviewDesk
