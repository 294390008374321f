"""What keys allow.

Lives here: the names of the scopes. Not here: which endpoint asks for which (`bot.web.endpoint`).
"""

from __future__ import annotations

import enum


class Scope(enum.StrEnum):
    """What a key allows."""

    SUBMIT = "submit"
    READ = "read"
    DECIDE = "decide"
    SCORE = "score"
    METRICS = "metrics"
