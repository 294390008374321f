"""The moderators' desk: cases and decisions, the same for a button and for HTTP.

Lives here: who may decide, what a decision changes, what is then done and told. A decision is never
overridden by a rule: once one stands, nothing acts on its own. Not here: how a case is shown
(`bot.chat`, `bot.web`), stored (`bot.store`) or an effect carried out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.cases import Case, Decision, Deed, Note, Pause, Review
from bot.errors import GavelError
from bot.model import Action, Comment, Delivery, Effect, Match, Mode, Verdict
from bot.ports import CaseStore

LONGEST_NOTE = 1_000
"""Code points of a moderator's note."""

ANEW = "anew"
"""In the payload of a card's delivery: what is around the comment is to be read again."""

_ON_MEMBERS = frozenset({"warn", "timeout", "kick", "ban"})
_TAKEN_BACK_BY = {"timeout": "untimeout", "ban": "unban", "hold": "release"}
_DECIDED = {
    Decision.UPHOLD: "upheld",
    Decision.DISMISS: "dismissed as a false alarm",
    Decision.UNSURE: "left to another moderator",
}


class RefusedError(GavelError):
    """A moderator asked for what cannot be done; the message is written for them."""


@dataclass(frozen=True, slots=True)
class Moderator:
    """Who asks, and the roles that they have at this moment."""

    id: str
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """Who may decide, who is told of cases, and who carries out effects.

    `cards` are sinks that show cases; `actors` maps a source to the sink that acts there. `quota`
    gives a rule's effects a day, `None` for no limit; `overspent` hears of a rule that ran away.
    """

    moderator_roles: frozenset[str]
    cards: tuple[str, ...] = ()
    actors: Mapping[str, str] = field(default_factory=dict)
    quota: Callable[[str], int | None] = lambda _: None
    overspent: Callable[[str], Awaitable[None]] | None = None


class ReviewDesk:
    """Files verdicts as cases, and lets moderators decide them, one at a time.

    Methods that take a moderator raise `RefusedError` when they may not, came second, or asked for
    a case that does not exist.
    """

    def __init__(
        self, cases: CaseStore, settings: DeskSettings, now: Callable[[], datetime]
    ) -> None:
        self._cases = cases
        self._settings = settings
        self._now = now

    async def file(self, comment: Comment, verdict: Verdict) -> Case | None:
        """Store a verdict with its case, card and automatic effects, in one transaction."""
        effects = await self._automatic(comment, verdict)

        def told(case: Case) -> list[Delivery]:
            # Once a moderator has spoken, only moderators act on this comment.
            wanted = effects if case.review is None and not case.withdrawn else ()
            return [*self.cards(case), *self._acts(case, wanted, by="")]

        return await self._cases.save(comment, verdict, told, opens=verdict.action >= Action.FLAG)

    async def decide(
        self,
        number: int,
        moderator: Moderator,
        decision: Decision,
        effects: tuple[Effect, ...] | None = None,
    ) -> Case:
        """Decide a case; upholding carries out `effects`, by default what the live rules say.

        Whoever upheld a case may uphold it again with `effects`, to do more.
        """
        self.admit(moderator)

        def change(case: Case) -> Case:
            review = Review(case.verdict.id, moderator.id, decision, self._now())
            if case.settled and not case.changed_since:
                more = [each for each in effects or () if not _done(case, each)]
                if more and _same(case.review, review):
                    return replace(case, review=review)
                return self._second(case, review)
            return replace(_withdrawn(case), review=review)

        def told(case: Case) -> list[Delivery]:
            wanted: Iterable[Effect] = ()
            if decision is Decision.UPHOLD:
                chosen = proposed(case) if effects is None else effects
                wanted = [each for each in chosen if not _done(case, each)]
            elif decision is Decision.DISMISS:
                wanted = taking_back(case)
            return [*self.cards(case), *self._acts(case, wanted, by=moderator.id)]

        return await self._change(number, change, told)

    async def undo(self, number: int, moderator: Moderator) -> Case:
        """Take the decision back, and with it the effects that can be."""
        self.admit(moderator)

        def change(case: Case) -> Case:
            if case.review is None:
                raise RefusedError(f"Case {case.number} has no decision to undo.")
            return _withdrawn(case)

        def told(case: Case) -> list[Delivery]:
            # An open case is hidden still; only a false alarm shows its message again.
            back = [each for each in taking_back(case) if each.kind != "release"]
            return [*self.cards(case), *self._acts(case, back, by=moderator.id)]

        return await self._change(number, change, told)

    async def claim(self, number: int, moderator: Moderator) -> Case:
        """Take a case; another moderator's case must be reassigned."""
        self.admit(moderator)

        def change(case: Case) -> Case:
            if case.assignee is not None and case.assignee != moderator.id:
                raise RefusedError(f"Case {case.number} is already with {_who(case.assignee)}.")
            return replace(case, assignee=moderator.id)

        return await self._change(number, change, self.cards)

    async def reassign(self, number: int, moderator: Moderator, to: str | None) -> Case:
        """Give a case to another moderator, or to nobody."""
        self.admit(moderator)
        return await self._change(number, lambda case: replace(case, assignee=to), self.cards)

    async def note(self, number: int, moderator: Moderator, text: str) -> Case:
        """Write a note beside a case."""
        self.admit(moderator)
        note = Note(moderator.id, text.strip()[:LONGEST_NOTE], self._now())
        if not note.text:
            raise RefusedError("An empty note was not kept.")
        return await self._change(
            number, lambda case: replace(case, notes=(*case.notes, note)), self.cards
        )

    async def report_miss(
        self, comment: Comment, verdict: Verdict, moderator: Moderator, rule: str
    ) -> Case:
        """File abuse that no rule caught, decided at once, with the rule that should have."""
        return await self.report(comment, verdict, moderator, Decision.UPHOLD, f"missed by {rule}")

    async def report(
        self,
        comment: Comment,
        verdict: Verdict,
        moderator: Moderator,
        decision: Decision,
        note: str,
    ) -> Case:
        """File a comment with what was decided elsewhere; nothing is carried out.

        Where a decision stands already, only the note is added; the same report twice is one.
        """
        self.admit(moderator)
        case = await self._cases.save(comment, verdict, self.cards, opens=True)
        if case is None:
            raise RefusedError("This message could not be filed.")
        now = self._now()
        reported = Note(moderator.id, note[:LONGEST_NOTE], now)

        def change(case: Case) -> Case:
            review = Review(case.verdict.id, moderator.id, decision, now)
            if any(replace(each, at=now) == reported for each in case.notes):
                return case
            if case.settled:
                return replace(case, notes=(*case.notes, reported))
            return replace(case, review=review, notes=(*case.notes, reported))

        return await self._change(case.number, change, self.cards)

    async def did(self, number: int, deed: Deed) -> Case:
        """Write down that an effect was carried out, or could not be."""
        return await self._change(
            number, lambda case: replace(case, deeds=(*case.deeds, deed)), self.cards
        )

    async def gone(self, source: str, channel: str, comment_id: str) -> Case | None:
        """Write down that a comment was deleted where it came from."""
        case = await self.case_of(source, channel, comment_id)
        if case is None:
            return None
        return await self._change(case.number, lambda each: replace(each, deleted=True), self.cards)

    async def pause(self, moderator: Moderator, *, on: bool) -> None:
        """Stop rules from acting on their own, or let them again; cases are filed as ever."""
        self.admit(moderator)
        await self._cases.pause(Pause(moderator.id, self._now()) if on else None)

    async def paused(self) -> Pause | None:
        """Return since when rules do not act on their own, and by whom, or `None` if they may."""
        return await self._cases.paused()

    async def case(self, number: int) -> Case:
        """Return a case; raise `RefusedError` when there is none."""
        case = await self._cases.case(number)
        if case is None:
            raise RefusedError(f"There is no case {number}.")
        return case

    async def case_of(self, source: str, channel: str, comment_id: str) -> Case | None:
        """Return the case of a comment, `None` when there is none."""
        return await self._cases.case_of(source, channel, comment_id)

    async def queue(self, limit: int) -> list[Case]:
        """Return the cases that wait, gravest first, then oldest."""
        return list(await self._cases.queue(limit))

    async def upheld_before(self, case: Case) -> int:
        """Return how many other comments of this author were upheld."""
        return await self._cases.upheld_before(case)

    def may(self, moderator: Moderator) -> bool:
        """Say whether someone has a moderator's role."""
        return not self._settings.moderator_roles.isdisjoint(moderator.roles)

    def admit(self, moderator: Moderator) -> None:
        """Raise `RefusedError` for anyone who is no moderator."""
        if not self.may(moderator):
            raise RefusedError("Only moderators can do this.")

    def cards(self, case: Case) -> list[Delivery]:
        """Return one delivery for each sink that shows cases."""
        return [
            Delivery(f"{sink}:{case.number}:{case.revision}", sink, {"case": case.number})
            for sink in self._settings.cards
        ]

    def cards_anew(self, case: Case) -> list[Delivery]:
        """Return deliveries that have a case shown without what was remembered of around it."""
        return [replace(each, payload={**each.payload, ANEW: True}) for each in self.cards(case)]

    async def _change(
        self, number: int, change: Callable[[Case], Case], told: Callable[[Case], list[Delivery]]
    ) -> Case:
        try:
            return await self._cases.change(number, change, told)
        except KeyError:
            raise RefusedError(f"There is no case {number}.") from None

    def _second(self, case: Case, late: Review) -> Case:
        """Answer whoever comes after a decision: the same again is no news, else say who was first."""
        review = case.review
        assert review is not None  # noqa: S101 - a settled case has one; this tells mypy
        if _same(review, late):
            return case
        raise RefusedError(
            f"Case {case.number} was already {_DECIDED[review.decision]} by {_who(review.moderator)}"
            f" {_ago(self._now() - review.at)}. Nothing more was done."
        )

    async def _automatic(self, comment: Comment, verdict: Verdict) -> tuple[Effect, ...]:
        """Return what live rules do on their own: nothing in review mode, nothing over a quota."""
        if verdict.mode is not Mode.ENFORCE:
            return ()
        willing = [match for match in verdict.acting if any(automatic_effects(match))]
        if not willing or await self._cases.paused():
            return ()
        allowed = [match for match in willing if await self._within(match, comment, verdict)]
        return strongest(effect for match in allowed for effect in automatic_effects(match))

    async def _within(self, match: Match, comment: Comment, verdict: Verdict) -> bool:
        limit = self._settings.quota(match.rule)
        if limit is None:
            return True
        time = verdict.decided_at or self._now()
        key = f"{comment.source}:{comment.channel}:{comment.id}"
        if await self._cases.spend(match.rule, time.date().isoformat(), limit, key):
            return True
        if self._settings.overspent:
            await self._settings.overspent(match.rule)
        return False

    def _acts(self, case: Case, effects: Iterable[Effect], by: str) -> Iterator[Delivery]:
        sink = self._settings.actors.get(case.comment.source)
        if sink is None:
            return
        for effect in effects:
            # An automatic effect happens once in a case's life, one of a decision once a decision,
            # unless it failed.
            tried = sum(deed.effect.kind == effect.kind for deed in case.deeds)
            turn = f"{len(case.withdrawn)}.{tried}" if by else "auto"
            seconds = effect.duration.total_seconds() if effect.duration else None
            payload = {"case": case.number, "kind": effect.kind, "seconds": seconds, "by": by}
            yield Delivery(f"{sink}:{case.number}:{effect.kind}:{turn}", sink, payload)


def proposed(case: Case) -> tuple[Effect, ...]:
    """Return what the live rules still want done, and what can be done, when a case is upheld."""
    wanted = strongest(each for match in case.verdict.acting for each in upheld_effects(match))
    return tuple(each for each in wanted if not (_done(case, each) or hindrance(case, each)))


def hindrance(case: Case, effect: Effect) -> str:
    """Say why nothing is there that an effect could be carried out on; empty where it may be."""
    attributes = case.comment.attributes
    if effect.kind in _ON_MEMBERS and attributes.get("webhook"):
        return "a webhook wrote it, and is nobody's member"
    if effect.kind in {"remove", "hold"} and "automod_rule" in attributes:
        return "it was never posted"
    return ""


def upheld_effects(match: Match) -> Iterator[Effect]:
    """Yield what a rule wants once a moderator agrees: what it holds is removed."""
    if match.action >= Action.HOLD:
        yield Effect("remove")
    yield from match.effects


def automatic_effects(match: Match) -> Iterator[Effect]:
    """Yield what a rule does before a moderator looks: what it holds is hidden until then."""
    if match.action >= Action.HOLD:
        yield Effect("remove" if match.action is Action.REMOVE else "hold")
    yield from match.effects


def strongest(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """Return one effect of each kind, the longest, in the order in which they appeared."""
    best: dict[str, Effect] = {}
    for effect in effects:
        known = best.get(effect.kind)
        if known is None or (effect.duration or timedelta.max) > (known.duration or timedelta.max):
            best[effect.kind] = effect
    return tuple(best.values())


def taking_back(case: Case) -> tuple[Effect, ...]:
    """Return the effects that undo what was done and still stands."""
    return tuple(
        Effect(_TAKEN_BACK_BY[kind]) for kind in _TAKEN_BACK_BY if _done(case, Effect(kind))
    )


def still_wanted(case: Case, kind: str, by: str) -> bool:
    """Say whether a queued effect is still wanted: a decision may have come, or gone, since."""
    if kind == "release":
        return case.review is not None and case.review.decision is Decision.DISMISS
    if kind in _TAKEN_BACK_BY.values():
        return case.review is None or case.review.decision is not Decision.UPHOLD
    if by:
        review = case.review
        return review is not None and review.decision is Decision.UPHOLD and review.moderator == by
    return case.review is None or case.review.decision is Decision.UPHOLD


def _done(case: Case, effect: Effect) -> bool:
    """Say whether an effect was carried out and not taken back; what is held is removed."""
    same = {effect.kind, "hold"} if effect.kind == "remove" else {effect.kind}
    back = {_TAKEN_BACK_BY[kind] for kind in same if kind in _TAKEN_BACK_BY}
    last = [deed for deed in case.deeds if deed.done and deed.effect.kind in same | back]
    return bool(last) and last[-1].effect.kind in same


def _withdrawn(case: Case) -> Case:
    if case.review is None:
        return case
    return replace(case, review=None, withdrawn=(*case.withdrawn, case.review))


def _same(review: Review | None, other: Review) -> bool:
    """Say whether two decisions are one and the same person's, and alike."""
    alike = (other.moderator, other.decision)
    return review is not None and (review.moderator, review.decision) == alike


def _who(moderator: str) -> str:
    """Mention a member of the server; a key or a site is named as it is."""
    return f"<@{moderator}>" if moderator.isdecimal() else moderator


def _ago(past: timedelta) -> str:
    hours, minutes = past // timedelta(hours=1), past // timedelta(minutes=1)
    if hours:
        return f"{hours} h ago"
    return f"{minutes} min ago" if minutes else "just now"
