"""What an operator reads when the bot starts.

Lives here: what runs, in a few lines. Not here: starting it (`bot.app.live`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot import __version__
from bot.chat.words import duration
from bot.config import Settings
from bot.model import Mode, ModelInfo
from bot.rules import RuleSet

_MODES = {
    Mode.REVIEW: "review: rules only file cases, and moderators decide",
    Mode.ENFORCE: "enforce: live rules act on their own, as they say",
}


def opening(settings: Settings, rules: RuleSet, model: ModelInfo) -> Iterator[str]:
    """Yield what judges, what it may do, where it is kept and whom it serves."""
    status = Counter(str(rule.status) for rule in rules.rules)
    counts = ", ".join(f"{count} {name}" for name, count in sorted(status.items()))
    yield f"Gavel {__version__}"
    yield f"  Model    {model.id} on {settings.model.device}"
    yield f"  Rules    {len(rules.rules)} ({counts}) from {settings.rules_path}"
    yield f"  Mode     {_MODES[settings.verdicts.mode]}"
    yield f"  Store    {settings.store.path}"
    kept = ", ".join(f"{source} {duration(time)}" for source, time in settings.retention.items())
    yield f"  Texts    kept {kept or 'until they are forgotten'}"
    if chat := settings.discord:
        yield f"  Discord  server {chat.guild}, review channel {chat.review_channel}"
    if web := settings.http:
        yield f"  HTTP     {web.host} port {web.port}"
