"""`/v1/verdicts`: looking verdicts up, and deciding them.

Lives here: reading what is asked, and cursors. Not here: who may decide
what (`bot.review`), queries (`bot.store.verdicts`), the answer's form (`bot.web.records`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from aiohttp import web

from bot.cases import Decision
from bot.model import Action
from bot.ports import StoredVerdict, VerdictQuery
from bot.web.auth import Caller, caller
from bot.web.body import read_json
from bot.web.endpoint import ApiError, Scope, endpoint
from bot.web.openapi import in_path, operation
from bot.web.records import ref, reviewed_record
from bot.web.schema import (
    Flag,
    Form,
    ListOf,
    Member,
    Moment,
    Object,
    OneOf,
    Schema,
    Text,
    Whole,
    parameters,
    read_query,
)
from bot.web.services import WebServices

_PAGE, _LONGEST_PAGE = 50, 200

_WORD = Text(200, plain=True)
QUERY = (
    Member("action", ListOf(OneOf(Action.names()), len(Action)), "Only these; may be repeated."),
    Member("source", _WORD, "Only from here: `http`, `discord`."),
    Member("channel", _WORD, "Only from this channel."),
    Member("comment", _WORD, "Only of the comment with this id."),
    Member("since", Moment(), "Only of comments not older than this."),
    Member("undecided", Flag(), "Only those that wait for a moderator."),
    Member("limit", Whole(1, _LONGEST_PAGE), f"How many. Default: {_PAGE}."),
    Member("cursor", Form(r"[0-7][0-9a-f]{15}", "`next` of an answer"), "Where to go on."),
)
DECISION = Object(
    (
        Member(
            "decision",
            OneOf(tuple(each.value for each in Decision)),
            "`uphold`: it is abuse. `dismiss`: a false alarm. `unsure`: left to somebody else.",
            required=True,
        ),
        Member("note", Text(1_000, 1), "A note for other moderators."),
    )
)
_LIST: Schema = {
    "type": "object",
    "properties": {
        "verdicts": {"type": "array", "items": ref("Reviewed")},
        "next": {"type": ["string", "null"], "description": "Null on the last page."},
    },
    "required": ["verdicts", "next"],
}
_ID = in_path("id", "The verdict's id.")


def routes(services: WebServices) -> list[web.RouteDef]:
    """Return the endpoints."""

    @endpoint(
        Scope.READ,
        operation=operation("Look up a verdict", {200: ref("Reviewed")}, parameters=[_ID]),
    )
    async def one(request: web.Request) -> web.Response:
        return web.json_response(reviewed_record(await _stored(services, request)))

    @endpoint(
        Scope.READ,
        operation=operation(
            "List verdicts, newest first",
            {200: _LIST},
            about="Verdicts that are stored meanwhile do not move what later pages hold.",
            parameters=parameters(QUERY),
        ),
    )
    async def several(request: web.Request) -> web.Response:
        given = cast("dict[str, Any]", read_query(request.query, QUERY))
        limit = given.get("limit", _PAGE)
        found = list(await services.verdicts.verdicts(query_of(given), limit + 1))
        more = len(found) > limit
        page = found[:limit]
        return web.json_response(
            {
                "verdicts": [reviewed_record(each) for each in page],
                "next": cursor(page[-1].position) if more else None,
            }
        )

    @endpoint(
        Scope.DECIDE,
        operation=operation(
            "Decide a verdict, as a moderator",
            {200: ref("Reviewed")},
            about="Upholding carries out what the rules say. The same decision again changes"
            " nothing; another one, after somebody else's, is refused with 409.",
            body=DECISION,
            parameters=[_ID],
        ),
    )
    async def decide(request: web.Request) -> web.Response:
        given = DECISION.read(await read_json(request), "")
        stored = await _stored(services, request)
        await _decide(services, stored, caller(request), given)
        return web.json_response(reviewed_record(await _stored(services, request)))

    return [
        web.get("/v1/verdicts", several),
        web.get("/v1/verdicts/{id}", one),
        web.post("/v1/verdicts/{id}/decision", decide),
    ]


def query_of(given: dict[str, Any]) -> VerdictQuery:
    """Return the question that parameters ask."""
    since: datetime | None = given.get("since")
    return VerdictQuery(
        actions=frozenset(Action[each.upper()] for each in given.get("action", ())),
        source=given.get("source"),
        channel=given.get("channel"),
        comment=given.get("comment"),
        since=since,
        undecided=given.get("undecided", False),
        before=position(given["cursor"]) if "cursor" in given else None,
    )


def cursor(place: int) -> str:
    """Return where a page ended, as clients hand it back."""
    return f"{place:016x}"


def position(given: str) -> int:
    """Return where to go on."""
    return int(given, 16)


async def _stored(services: WebServices, request: web.Request) -> StoredVerdict:
    stored = await services.verdicts.verdict(request.match_info["id"])
    if stored is None:
        raise ApiError(404, "not_found", "there is no such verdict, or it was forgotten")
    return stored


async def _decide(
    services: WebServices, stored: StoredVerdict, who: Caller, given: dict[str, object]
) -> None:
    case = stored.case
    if case is None:
        raise ApiError(409, "no_case", "only verdicts that ask for a moderator can be decided")
    if case.verdict.id != stored.verdict.id:
        raise ApiError(409, "superseded", f"the comment's verdict is now {case.verdict.id}")
    by = who.moderator
    await services.desk.decide(case.number, by, Decision(str(given["decision"])))
    if "note" in given:
        await services.desk.note(case.number, by, str(given["note"]))
