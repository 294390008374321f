"""What sites that know no ids tell us, and what stands of a comment that moderators saw before.

Lives here: ids for comments that come without one, reports of misses and false alarms, and the
action that holds when a moderator has decided. Not here: the forms in which sites say it.
"""

from __future__ import annotations

import hashlib

from bot.cases import Decision, Review
from bot.model import Action, Comment, Mode, Verdict
from bot.web.auth import Caller
from bot.web.services import WebServices


def identity(*parts: str) -> str:
    """Name a comment by what is known of it: the same parts are the same comment."""
    whole = "\0".join(parts).encode("utf-8", "replace")
    return hashlib.blake2b(whole, digest_size=12).hexdigest()


async def report(
    services: WebServices, comment: Comment, decision: Decision, caller: Caller, note: str
) -> bool:
    """File what a site's moderators decided as a decided case; tell whether there was cause to.

    What they find fine and no rule flags is no news, and is not kept.
    """
    verdict = await services.preview(comment)
    if decision is Decision.DISMISS and verdict.action < Action.FLAG:
        return False
    await services.desk.report(comment, verdict, caller.moderator, decision, note)
    return True


async def standing(services: WebServices, verdict: Verdict) -> Action:
    """Return the action that holds for a stored verdict on a comment named by `identity`.

    A moderator's decision goes before the rules, later rules too, unless the text was edited since.
    In review mode nothing is hidden or removed before a moderator looks: more than `FLAG` becomes
    `FLAG`.
    """
    stored = await services.verdicts.verdict(verdict.id)
    case = stored.case if stored else None
    if case and case.review and not _edited_after(case.comment, case.review):
        if case.review.decision is Decision.DISMISS:
            return Action.ALLOW
        if case.review.decision is Decision.UPHOLD:
            return max(verdict.action, Action.FLAG)
    return verdict.action if verdict.mode is Mode.ENFORCE else min(verdict.action, Action.FLAG)


def _edited_after(comment: Comment, review: Review) -> bool:
    return comment.edited_at is not None and comment.edited_at > review.at
