"""Webhooks: addresses that hear of cases, signed as Standard Webhooks says.

Lives here: a sink of the outbox for each address, what it sends and how it is signed. Each message
holds the whole state of a case, so that one that is late or comes twice does no harm. Not here: when
to try again (`bot.outbox`) and which cases are told (`bot.review`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp

from bot.cases import Case
from bot.errors import DeliveryError, UserError
from bot.model import Action, Comment, Delivery, Verdict
from bot.review import RefusedError
from bot.web.records import answer_record, case_record, reviewed_record
from bot.web.services import WebServices
from bot.web.settings import Webhook

_PREFIX = "whsec_"
_SHORTEST_SECRET = 24
_TIMEOUT = aiohttp.ClientTimeout(total=15)
_REDIRECTS, _GONE = 300, 410
_BUSY = {429, 503}
_LONGEST_WAIT = 3_600.0
Message = tuple[str, dict[str, object]]
"""An event's type and its data."""

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def sink_name(webhook: Webhook) -> str:
    """Return the name under which `bot.review.DeskSettings.cards` lists a webhook."""
    return f"http.webhook.{webhook.name}"


def telling(services: WebServices, webhooks: Sequence[Webhook]) -> WebServices:
    """Return services whose `submit` also tells those webhooks that hear of every verdict."""
    hearing = [sink_name(each) for each in webhooks if each.every]
    if not hearing:
        return services

    async def submit(comment: Comment) -> Verdict:
        verdict = await services.submit(comment)
        # The others have a case, of which all webhooks hear.
        if verdict.action < Action.FLAG:
            payload = {"verdict": verdict.id}
            await services.tell(
                [Delivery(f"{each}:{verdict.id}", each, payload) for each in hearing]
            )
        return verdict

    return replace(services, submit=submit)


class WebhookSink:
    """Tells one address of cases, and of verdicts that made none."""

    def __init__(self, webhook: Webhook, services: WebServices) -> None:
        """Raise `UserError` for an address or a secret that cannot be used."""
        self.name = sink_name(webhook)
        self._url = _checked(webhook)
        self._secret = _secret(webhook)
        self._services = services
        self._session: aiohttp.ClientSession | None = None

    async def deliver(self, delivery: Delivery) -> None:
        """Send the state of a case or a verdict, unless a later one is on its way."""
        told = await self._told(delivery)
        if told is not None:
            await self._send(delivery.key, told)

    async def _told(self, delivery: Delivery) -> Message | None:
        if "verdict" in delivery.payload:
            stored = await self._services.verdicts.verdict(str(delivery.payload["verdict"]))
            # What was forgotten meanwhile is told to nobody.
            return ("verdict.passed", reviewed_record(stored)) if stored else None
        try:
            case = await self._services.desk.case(int(str(delivery.payload["case"])))
        except RefusedError as error:
            raise DeliveryError(str(error), final=True) from None
        if delivery.key != f"{self.name}:{case.number}:{case.revision}":
            return None
        return of_case(case)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _send(self, key: str, told: Message) -> None:
        now = self._services.clock.now()
        kind, data = told
        whole = {"type": kind, "timestamp": now.isoformat(), "data": data}
        body = json.dumps(whole).encode()
        if self._session is None:
            # No proxy and no credentials out of the environment.
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=False)
        headers = signed(self._secret, message_id(key), now, body)
        try:
            # A redirect could lead a signed message anywhere.
            async with self._session.post(
                self._url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                _judge(answer)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DeliveryError(f"the address does not answer ({type(error).__name__})") from None


def of_case(case: Case) -> Message:
    """Return what is sent: `verdict.flagged`, or `verdict.decided` once a moderator has spoken."""
    kind = "verdict.flagged" if case.review is None else "verdict.decided"
    record = answer_record(case.comment, case.verdict)
    return kind, {**record, "current": True, "case": case_record(case)}


def message_id(key: str) -> str:
    """Return a message's id: the same whenever the same state is sent."""
    return "msg_" + hashlib.blake2b(key.encode(), digest_size=16).hexdigest()


def signed(secret: bytes, name: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the headers of a message."""
    stamp = str(int(at.timestamp()))
    whole = f"{name}.{stamp}.".encode() + body
    signature = base64.b64encode(hmac.new(secret, whole, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "gavel",
        "webhook-id": name,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature}",
    }


def _judge(answer: aiohttp.ClientResponse) -> None:
    """Raise `DeliveryError` unless the other side took it."""
    if answer.status < _REDIRECTS:
        return
    wait = None
    if answer.status in _BUSY:
        given = answer.headers.get("Retry-After", "")
        wait = min(float(given), _LONGEST_WAIT) if given.isascii() and given.isdigit() else None
    told = f"the address answers {answer.status}"
    raise DeliveryError(told, wait, final=answer.status == _GONE)


def _checked(webhook: Webhook) -> str:
    parts = urlsplit(webhook.url)
    encrypted = parts.scheme == "https"
    if not (encrypted or (parts.scheme == "http" and parts.hostname in _LOOPBACK)):
        raise UserError(
            f"the webhook {webhook.name} must have an address of https",
            hint="comments would be sent in the clear; only this machine may be told by http",
        )
    return webhook.url


def _secret(webhook: Webhook) -> bytes:
    try:
        secret = base64.b64decode(webhook.secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not webhook.secret.startswith(_PREFIX) or len(secret) < _SHORTEST_SECRET:
        raise UserError(
            f"the secret of the webhook {webhook.name} cannot be used",
            hint="make one with: echo whsec_$(openssl rand -base64 32)",
        )
    return secret
