"""A site's Gavel: the edge on the loopback interface, with rules for each action and both modes."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.model import Comment, Mode, Priority, Verdict
from bot.pipeline import Pipeline
from bot.ports import Scorer, StoredVerdict, VerdictQuery
from bot.rules import load_rules
from bot.store.sqlite import open_store
from bot.verdict import Policy
from bot.web.services import WebServices
from bot.web.settings import WebSettings
from tests.fakes.scorer import FixedScorer
from tests.web.house import House, running

SECRET = "s-coral"

RULES = """
rules:
  - {id: site.flag, title: Names, status: live, level: medium, when: {words: [muppet]},
     then: {action: flag, labels: [harassment]}, reason: a name,
     examples: {match: [{text: muppet}], no_match: [{text: hero}]}}
  - {id: site.hold, title: Addresses, status: live, level: high, when: {words: [doxx]},
     then: {action: hold, labels: [privacy]}, reason: an address,
     examples: {match: [{text: doxx}], no_match: [{text: hero}]}}
  - {id: site.remove, title: Threats, status: live, level: critical, when: {words: [kaboom]},
     then: {action: remove, labels: [threat]}, reason: a threat,
     examples: {match: [{text: kaboom}], no_match: [{text: hero}]}}
  - {id: site.spam, title: Advertising, status: live, level: low, when: {words: [buy now]},
     then: {action: flag, labels: [spam]}, reason: advertising,
     examples: {match: [{text: buy now}], no_match: [{text: hero}]}}
"""


def scores(text: str) -> Mapping[str, float]:
    """Score by words, and a little by length."""
    bad = 0.95 if "muppet" in text else 0.02
    return {"toxicity": bad, "insult": bad, "obscene": min(1.0, len(text) / 1000)}


@dataclass
class Site(House):
    """A house with the site's rules."""

    settings: WebSettings = field(
        default_factory=lambda: WebSettings(port=0, coral_secrets=("old", SECRET))
    )
    scorer: Scorer = field(default_factory=lambda: FixedScorer(scores))
    mode: Mode = Mode.ENFORCE
    rules: str = RULES
    token: str = ""

    def services(self) -> WebServices:
        """Build the services on the site's rules."""
        services = super().services()
        path = self.folder / "site.yaml"
        path.write_text(self.rules, encoding="utf-8")
        ruleset = load_rules(path, labels=self.scorer.model.labels)
        pipeline = Pipeline(
            lambda: ruleset, self.scorer, self.store.history, Policy(self.mode), score_all=True
        )

        async def submit(comment: Comment) -> Verdict:
            verdict = await pipeline.screen(comment, Priority.LIVE)
            await services.desk.file(comment, verdict)
            return verdict

        async def preview(comment: Comment) -> Verdict:
            return (await pipeline.explain(comment)).verdict

        return replace(services, submit=submit, preview=preview)

    async def new_key(self, *scopes: str) -> str:
        """Store a key, by default with all scopes, and return its token."""
        name = f"test-{secrets.token_hex(4)}"
        return (await self.key(*scopes, name=name))["Authorization"].removeprefix("Bearer ")

    async def stored(self) -> list[StoredVerdict]:
        """Return all that is stored, oldest first."""
        return list(await self.store.verdicts.verdicts(VerdictQuery(), 100))[::-1]


@asynccontextmanager
async def site(folder: Path, **more: object) -> AsyncIterator[Site]:
    """Yield a running site with a key of all scopes; `more` are fields of `Site`."""
    store = open_store(folder / "store.sqlite")
    try:
        async with running(Site(store, folder, **more)) as house:  # type: ignore[arg-type]
            assert isinstance(house, Site)
            house.token = await house.new_key()
            yield house
    finally:
        await store.close()
