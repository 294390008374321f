"""Akismet's four calls, answered by Gavel: for blogs that can be told another address.

Lives here: the form, the plain answers and their headers. Not here: screening, and what becomes of
a report (`bot.web.feedback`). "Spam" means here what the rules flag. Addresses of commenters (IP,
e-mail) are not kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from aiohttp import web

from bot.cases import Decision
from bot.model import Action, Author, Comment
from bot.web.auth import CALLER
from bot.web.body import read_body
from bot.web.context import CONTEXT
from bot.web.endpoint import ApiError, Scope, endpoint
from bot.web.feedback import identity, report, standing
from bot.web.middleware import charge
from bot.web.openapi import compatible, content
from bot.web.schema import Schema
from bot.web.services import WebServices
from bot.web.settings import SOURCE

_THANKS = "Thanks for making the web a better place."
"""What clients compare the answer to a report with."""

_ALWAYS_SPAM = ("akismet-guaranteed-spam", "akismet-guaranteed-spam@example.com")
_MOST_FIELDS = 1_000
_FIRST_BLOGS = 1990
_NOTHING_TO_CORRECT = {"X-Gavel-Note": "no rule flags this comment: there was nothing to correct"}

Form = Mapping[str, str]


_FIELDS = {
    "api_key": "A key of `gavel key create`.",
    "blog": "The address of the site. Wanted.",
    "comment_content": "The comment.",
    "comment_author": "The name of who wrote it.",
    "comment_author_email": "Their address; only a digest of it is kept.",
    "comment_date_gmt": "When it was written. Default: now.",
    "permalink": "The page on which it stands.",
    "user_role": "Of a member of the site; what an `administrator` writes is never spam.",
    "is_test": "With `1`, nothing is kept.",
}
_FORM: Schema = content(
    {
        "type": "object",
        "properties": {
            name: {"type": "string", "description": about} for name, about in _FIELDS.items()
        },
    },
    "application/x-www-form-urlencoded",
)
_PLAIN = content({"type": "string"}, "text/plain")


def _operation(summary: str, about: str) -> Schema:
    return compatible(
        f"{summary}, as Akismet",
        dict.fromkeys(("200", "4XX", "5XX"), _PLAIN),
        about=f"{about} A wrong call is answered `invalid`, with X-akismet-debug-help beside it.",
        body=_FORM,
    )


_VERIFY = _operation("Tell whether a key is right", "Answers `valid`; the key may be called `key`.")
_CHECK = _operation("Tell whether a comment is spam", "`true`: a rule flags it. Else `false`.")
_SPAM = _operation("Hear that a comment was spam", "It becomes a decided case.")
_HAM = _operation("Hear that a comment was no spam", "What a rule flagged becomes a decided case.")


def shape(error: ApiError) -> web.Response:
    """Write errors as Akismet does: a bad call is answered `invalid`, with the reason beside it."""
    headers = {"X-akismet-debug-help": error.message}
    if error.status in {400, 401, 403}:
        return web.Response(text="invalid", headers=headers)
    return web.Response(text=error.message, status=error.status, headers=headers)


def routes(services: WebServices) -> list[web.RouteDef]:
    """Return the routes of the four calls."""

    @endpoint(None, shape=shape, operation=_VERIFY)
    async def verify_key(request: web.Request) -> web.Response:
        await _admitted(request, Scope.SUBMIT)
        return web.Response(text="valid")

    @endpoint(None, shape=shape, operation=_CHECK)
    async def check(request: web.Request) -> web.Response:
        form = await _admitted(request, Scope.SUBMIT)
        if form.get("user_role") == "administrator":
            return web.Response(text="false")
        if not {form.get("comment_author"), form.get("comment_author_email")}.isdisjoint(
            _ALWAYS_SPAM
        ):
            return web.Response(text="true")
        comment = _comment(form, services)
        if form.get("is_test") in {"1", "true"}:
            return _answer((await services.preview(comment)).action, comment)
        verdict = await services.submit(comment)
        return _answer(await standing(services, verdict), comment)

    async def learned(request: web.Request, decision: Decision, note: str) -> web.Response:
        form = await _admitted(request, Scope.DECIDE)
        comment = _comment(form, services)
        kept = await report(services, comment, decision, request[CALLER], note)
        return web.Response(text=_THANKS, headers={} if kept else _NOTHING_TO_CORRECT)

    @endpoint(None, shape=shape, operation=_SPAM)
    async def submit_spam(request: web.Request) -> web.Response:
        return await learned(request, Decision.UPHOLD, "marked as spam on the site")

    @endpoint(None, shape=shape, operation=_HAM)
    async def submit_ham(request: web.Request) -> web.Response:
        return await learned(request, Decision.DISMISS, "marked as not spam on the site")

    return [
        web.post("/1.1/verify-key", verify_key),
        web.post("/1.1/comment-check", check),
        web.post("/1.1/submit-spam", submit_spam),
        web.post("/1.1/submit-ham", submit_ham),
    ]


async def _admitted(request: web.Request, scope: Scope) -> Form:
    """Return the form of a caller who may do this; the key is one of its fields."""
    form = _form(await read_body(request))
    token = form.get("api_key") or form.get("key") or ""
    caller = await request.app[CONTEXT].guard.by_key(token)
    request[CALLER] = caller
    caller.needs(scope)
    charge(request, 1)
    if not form.get("blog"):
        raise ApiError(400, "bad_request", 'Empty "blog" value', field="blog")
    return form


def _form(body: bytes) -> Form:
    # Old blogs send other encodings; what is no UTF-8 must not keep a comment from being seen.
    text = body.decode("utf-8", "replace")
    try:
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise ApiError(400, "bad_request", "too many fields") from None
    return dict(fields)


def _comment(form: Form, services: WebServices) -> Comment:
    """Return the comment that a form describes; the same form is the same comment."""
    name, email = form.get("comment_author", ""), form.get("comment_author_email", "")
    text, blog = form.get("comment_content", ""), form["blog"]
    channel = form.get("permalink") or blog
    role = form.get("user_role")
    return Comment(
        id=identity("akismet", blog, channel, name, email, text),
        text=text,
        source=SOURCE,
        channel=channel,
        author=Author(
            identity("author", email) if email else name, name, roles=(role,) if role else None
        ),
        created_at=_time(form.get("comment_date_gmt", ""), services.clock.now()),
    )


def _time(given: str, now: datetime) -> datetime:
    """Return the time that a blog gives, where blogs existed then and it is not still to come."""
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        return now
    if at.year < _FIRST_BLOGS:
        return now
    return min(at if at.tzinfo else at.replace(tzinfo=UTC), now)


def _answer(action: Action, comment: Comment) -> web.Response:
    headers = {"X-akismet-guid": comment.id}
    if action is Action.REMOVE:
        headers["X-akismet-pro-tip"] = "discard"
    return web.Response(text="true" if action >= Action.FLAG else "false", headers=headers)
