"""The OpenAPI document: valid, and true of the running server."""

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
from jsonschema import Draft202012Validator

from bot.web.records import COMPONENTS
from bot.web.settings import Limits, WebSettings
from tests.web.house import House, http_house, visiting
from tests.web.test_comments import post

GENEROUS = WebSettings(port=0, limits=replace(Limits(), per_minute=10**8, burst=10**8))
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance,negative_data_rejection,positive_data_acceptance,"
    "unsupported_method,allow_header_conformance,ignored_auth"
)
COMPATIBLE = (
    "/v1alpha1/comments:analyze",
    "/v1alpha1/comments:suggestscore",
    "/$discovery/rest",
    "/coral/moderation",
    "/1.1/verify-key",
    "/1.1/comment-check",
    "/1.1/submit-spam",
    "/1.1/submit-ham",
)
TRUE_OF_OTHERS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance"
)
"""What holds of endpoints whose contract others published: it refuses more than a schema tells."""


async def run(*words: str, folder: Path) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "schemathesis.cli", *words),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode(errors="replace")


async def document(house: House) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession(house.address) as session,
        session.get("/openapi.json") as answer,
    ):
        return dict(await answer.json())


async def test_the_document_tells_of_every_endpoint_of_ours(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house:
        told = await document(house)
    assert told["openapi"] == "3.1.0"
    assert set(told["paths"]) >= {
        "/v1/comments",
        "/v1/verdicts",
        "/v1/verdicts/{id}",
        "/v1/verdicts/{id}/decision",
        "/v1/preview",
        "/v1/status",
        "/healthz",
        "/readyz",
        "/metrics",
        *COMPATIBLE,
    }
    names = [said["operationId"] for each in told["paths"].values() for said in each.values()]
    assert len(set(names)) == len(names)
    for methods in told["paths"].values():
        for said in methods.values():
            for answer_ in said["responses"].values():
                for content in answer_.get("content", {}).values():
                    Draft202012Validator.check_schema(content["schema"])


async def test_answers_are_as_the_document_says(tmp_path: Path) -> None:
    def fits(name: str, value: object) -> None:
        schema = {**COMPONENTS[name], "components": {"schemas": COMPONENTS}}
        Draft202012Validator(schema).validate(value)

    async with http_house(tmp_path) as house, visiting(house) as session:
        _, verdict = await post(session, {"text": "you muppet", "author": "ann"})
        fits("Verdict", verdict)
        _, decided = await post(
            session, {"decision": "uphold"}, f"/v1/verdicts/{verdict['id']}/decision"
        )
        fits("Reviewed", decided)
        _, error = await post(session, {})
        fits("Error", error)


async def test_the_running_server_does_what_the_document_says(tmp_path: Path) -> None:
    async with http_house(tmp_path, settings=GENEROUS) as house:
        key = (await house.key())["Authorization"]
        told = await document(house)
        # A name that was used for another body is refused: no request alone can tell.
        told["paths"]["/v1/comments"]["post"]["parameters"].pop()
        for checks, paths in (
            (CHECKS, told["paths"].keys() - set(COMPATIBLE)),
            (TRUE_OF_OTHERS, COMPATIBLE),
        ):
            part = {**told, "paths": {path: told["paths"][path] for path in sorted(paths)}}
            (tmp_path / "openapi.json").write_text(json.dumps(part), encoding="utf-8")
            code, output = await run(
                *("run", "openapi.json", "--url", house.address, "-H", f"Authorization:{key}"),
                *("--phases", "examples,coverage,fuzzing", "--checks", checks),
                # Several workers trip over CPython's recursion count while lambdas are described.
                *("--max-examples", "15", "--workers", "1", "--seed", "1", "--continue-on-failure"),
                *("--suppress-health-check", "all", "--no-color"),
                folder=tmp_path,
            )
            assert code == 0, output
