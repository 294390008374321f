"""`POST /v1/comments`: one comment or many in, their verdicts out.

Lives here: what a comment looks like over HTTP, and answering. Not here: screening (behind
`WebServices`), the answer's form (`bot.web.records`), names of requests (`bot.web.repeats`).
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode

from aiohttp import web

from bot.model import ANONYMOUS, AttributeValue, Author, Comment
from bot.ports import KeptAnswer
from bot.web.auth import caller
from bot.web.body import read_body, read_json
from bot.web.context import CONTEXT, Context
from bot.web.endpoint import ApiError, Scope, endpoint
from bot.web.middleware import charge
from bot.web.openapi import header, operation
from bot.web.records import answer_record, ref, stored_record
from bot.web.repeats import HEADER, Repeats, comment_id, fingerprint, name_of
from bot.web.schema import (
    Either,
    Flag,
    ListOf,
    Member,
    Moment,
    Object,
    Schema,
    Text,
    parameters,
    read_query,
    wrong,
)
from bot.web.services import WebServices
from bot.web.settings import SOURCE, Limits

LONGEST_TEXT = 100_000
"""Code points of a comment: what is longer could not be screened whole."""

_NAME = Text(200, plain=True)
_ID = Text(200, 1, plain=True)
_NAMES = ListOf(_NAME, 100)

AUTHOR = Object(
    (
        Member("id", _ID, "Who, as the source knows them.", required=True),
        Member("name", _NAME, "What moderators read. Default: the id."),
        Member("is_bot", Flag(), "Whether it is a program."),
        Member("roles", _NAMES, "Roles, as rules name them."),
        Member("account_created_at", Moment(), "When the account was made."),
        Member("joined_at", Moment(), "When they joined."),
    )
)
ATTRIBUTES = Object(
    (
        Member("attachments", _NAMES, "Names of attached files."),
        Member("embeds", ListOf(Text(10_000), 20), "Texts of embedded previews."),
        Member("mentions", _NAMES, "Ids of people mentioned."),
        Member("role_mentions", _NAMES, "Ids of roles mentioned."),
        Member("mentions_everyone", Flag(), "Whether everyone is mentioned."),
        Member("webhook", Flag(), "Whether a program posted it."),
        Member("quoted_parent", Flag(), "Whether the text begins with what it answers."),
    )
)
COMMENT = Object(
    (
        Member("text", Text(LONGEST_TEXT, 1), "The comment.", required=True),
        Member(
            "id",
            _ID,
            "The comment's id at its source, unique within a channel; the same id again is an edit."
            " Without one, Gavel gives it one.",
        ),
        Member("author", Either(_NAME, AUTHOR), "Who wrote it: an id, or more."),
        Member("channel", _NAME, "Where: a page, a forum, a room."),
        Member("created_at", Moment(), "When it was written. Default: now."),
        Member("edited_at", Moment(), "When it was last edited."),
        Member("parent_id", _ID, "The comment that it answers."),
        Member("thread_id", _ID, "The thread that it belongs to."),
        Member("url", Text(2_000, plain=True), "Where moderators can read it."),
        Member("attributes", ATTRIBUTES, "What only some sources know."),
    )
)
QUERY = (
    Member(
        "wait",
        Flag(),
        "With `0`, comments are only taken, answered with 202 and screened soon; their verdicts are"
        " found by `GET /v1/verdicts?comment=ID`. Default: `1`.",
    ),
)
_ACCEPTED: Schema = {
    "type": "object",
    "properties": {
        "accepted": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"comment_id": {"type": "string"}, "verdicts": {"type": "string"}},
                "required": ["comment_id", "verdicts"],
            },
        }
    },
    "required": ["accepted"],
}
_MANY: Schema = {
    "type": "object",
    "properties": {"verdicts": {"type": "array", "items": ref("Verdict")}},
    "required": ["verdicts"],
}
_ABOUT_NAME = (
    "A name for the request, kept for a day: sent again, it is answered again and nothing more is"
    " done. Another body under the same name is refused with 422, a second request while the first"
    " is under way with 409."
)


@dataclass(frozen=True, slots=True)
class OneOrMany:
    """A comment, or an object that holds a list of them."""

    limits: Limits

    def read(self, value: object, place: str) -> list[dict[str, object]]:
        """Return the comments' values."""
        if _is_many(value):
            return list(cast("Any", self._many().read(value, place))["comments"])
        return [COMMENT.read(value, place)]

    def schema(self) -> Schema:
        """Return the JSON Schema."""
        many = {"type": "array", "items": COMMENT.schema(), "minItems": 1}
        about = "Several at once, as many as `batch` of the configuration says."
        return {
            "anyOf": [
                COMMENT.schema(),
                {
                    "type": "object",
                    "properties": {"comments": {**many, "description": about}},
                    "required": ["comments"],
                    "additionalProperties": False,
                },
            ]
        }

    def _many(self) -> Object:
        comments = ListOf(COMMENT, self.limits.batch, 1)
        return Object((Member("comments", comments, "Several at once.", required=True),))


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes comments; `names` gives ids to those that came without."""

    services: WebServices
    repeats: Repeats = field(default_factory=Repeats)

    async def post(self, request: web.Request) -> web.Response:
        """Answer one request."""
        name = name_of(request)
        if name is None:
            return (await self._work(request, lambda _: _new_id()))[0]
        asked_by, body = caller(request).name, await read_body(request)
        print_ = fingerprint(request, body)
        with self.repeats.alone(asked_by, name):
            kept = await self.services.answers.recall(asked_by, name)
            if kept is not None:
                return await self._again(request, kept, print_)
            response, ids = await self._work(
                request, lambda number: comment_id(asked_by, name, number)
            )
            kept = KeptAnswer(print_, ids, response.status)
            await self.services.answers.remember(asked_by, name, kept, self.services.clock.now())
            return response

    async def _work(
        self, request: web.Request, name: Callable[[int], str]
    ) -> tuple[web.Response, tuple[str, ...]]:
        """Return the answer, and the ids by which it can be given again."""
        limits = request.app[CONTEXT].settings.limits
        wait = read_query(request.query, QUERY).get("wait", True)
        value = await read_json(request)
        read = OneOrMany(limits).read(value, "")
        now = self.services.clock.now()
        comments = [comment_of(each, name(i), now) for i, each in enumerate(read)]
        _distinct(comments)
        charge(request, len(comments) - 1)
        if not wait:
            await request.app[CONTEXT].arrivals.take(comments)
            ids = tuple(comment.id for comment in comments)
            return _accepted(ids), ids
        records = await _screen(request.app[CONTEXT], comments)
        ids = tuple(str(each["id"]) for each in records)
        return _answer(records, many=_is_many(value)), ids

    async def _again(self, request: web.Request, kept: KeptAnswer, print_: str) -> web.Response:
        """Give the same answer to the same request."""
        if kept.fingerprint != print_:
            raise ApiError(
                422, "name_taken", f"this {HEADER} stands for another request", field=HEADER
            )
        if kept.status == web.HTTPAccepted.status_code:
            return _accepted(kept.ids)
        stored = [await self.services.verdicts.verdict(each) for each in kept.ids]
        records = [stored_record(each) for each in stored if each is not None]
        if len(records) < len(stored):
            raise ApiError(410, "forgotten", "what was answered has been forgotten")
        return _answer(records, many=_is_many(await read_json(request)))


def routes(services: WebServices) -> list[web.RouteDef]:
    """Return the endpoint."""
    intake = Intake(services)
    said = operation(
        "Screen one comment or many",
        {200: {"anyOf": [ref("Verdict"), _MANY]}, 202: _ACCEPTED},
        about="One comment is answered by its verdict, `comments` by `verdicts` in their order.",
        body=OneOrMany(Limits()),
        parameters=[*parameters(QUERY), header(HEADER, _ABOUT_NAME, Text(255, 1).schema())],
    )

    @endpoint(Scope.SUBMIT, operation=said)
    async def post(request: web.Request) -> web.Response:
        return await intake.post(request)

    return [web.post("/v1/comments", post)]


def comment_of(given: Mapping[str, object], name: str, now: datetime) -> Comment:
    """Return the comment of what `COMMENT` read; `name` and `now` stand in for what is not said."""
    said = cast("dict[str, Any]", given)
    attributes: dict[str, AttributeValue] = {**said.get("attributes", {})}
    if "url" in said:
        attributes["link"] = said["url"]
    return Comment(
        id=said.get("id", name),
        text=said["text"],
        source=SOURCE,
        channel=said.get("channel", ""),
        author=_author(said.get("author")),
        created_at=said.get("created_at", now),
        edited_at=said.get("edited_at"),
        parent_id=said.get("parent_id"),
        thread_id=said.get("thread_id"),
        attributes=attributes,
    )


def _author(given: str | Mapping[str, Any] | None) -> Author:
    if not given:
        return ANONYMOUS
    if isinstance(given, str):
        return Author(id=given, name=given)
    return Author(**{"name": given["id"], **given})


async def _screen(context: Context, comments: Sequence[Comment]) -> list[dict[str, object]]:
    # Rules that ask the history see them in the order of their times.
    in_order = sorted(comments, key=lambda each: cast("datetime", each.created_at))
    verdicts = await context.submit_many(in_order)
    found = {
        (comment.channel, comment.id): verdict
        for comment, verdict in zip(in_order, verdicts, strict=True)
    }
    return [answer_record(each, found[each.channel, each.id]) for each in comments]


_IDS = random.Random(secrets.randbits(256))  # noqa: S311 - ids must be distinct, not secret


def _new_id() -> str:
    return f"{_IDS.getrandbits(128):032x}"


def _is_many(value: object) -> bool:
    return isinstance(value, dict) and "comments" in value


def _distinct(comments: Sequence[Comment]) -> None:
    known: set[tuple[str, str]] = set()
    for number, comment in enumerate(comments):
        if (comment.channel, comment.id) in known:
            raise wrong(f"comments[{number}].id", "is the id of an earlier one in this request")
        known.add((comment.channel, comment.id))


def _answer(records: Sequence[Mapping[str, object]], *, many: bool) -> web.Response:
    return web.json_response({"verdicts": records} if many else records[0])


def _accepted(ids: Sequence[str]) -> web.Response:
    accepted = [
        {
            "comment_id": each,
            "verdicts": "/v1/verdicts?" + urlencode({"source": SOURCE, "comment": each}),
        }
        for each in ids
    ]
    return web.json_response({"accepted": accepted}, status=web.HTTPAccepted.status_code)
