"""What Discord refuses: empty, too long, too many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Payload = dict[str, Any]

BUTTON, SELECT, TEXT_INPUT, LINK_STYLE = 2, 3, 4, 5


class ApiError(Exception):
    """An answer that is no success: HTTP status, Discord's code and message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(message)


def invalid(what: str) -> ApiError:
    return ApiError(400, 50035, f"Invalid Form Body: {what}")


def check_message(message: Payload) -> None:
    """Refuse a message as Discord would."""
    content, embeds = message.get("content") or "", message.get("embeds") or []
    if not (content or embeds or message.get("attachments") or message.get("files")):
        raise ApiError(400, 50006, "Cannot send an empty message")
    _short("content", content, 2000)
    _few("embeds", embeds, 10)
    for embed in embeds:
        _check_embed(embed)
    if sum(len(text) for embed in embeds for text in _embed_texts(embed)) > 6000:
        raise invalid("embeds of more than 6000 characters")
    _short("nonce", str(message.get("nonce") or ""), 25)
    check_components(message.get("components") or [])


def check_components(rows: list[Payload]) -> None:
    """Refuse action rows as Discord would."""
    _few("action rows", rows, 5)
    ids = [each["custom_id"] for row in rows for each in row["components"] if "custom_id" in each]
    if len(set(ids)) < len(ids):
        raise invalid("custom ids twice")
    for row in rows:
        _few("components in a row", row["components"], 5)
        if not row["components"]:
            raise invalid("an empty row")
        for each in row["components"]:
            _check_component(each)


def check_modal(modal: Payload) -> None:
    """Refuse a modal as Discord would."""
    _filled("title", modal["title"], 45)
    _filled("custom_id", modal["custom_id"], 100)
    _few("rows", modal["components"], 5)


def _check_embed(embed: Payload) -> None:
    _short("title", embed.get("title", ""), 256)
    _short("description", embed.get("description", ""), 4096)
    _short("footer", embed.get("footer", {}).get("text", ""), 2048)
    _short("author", embed.get("author", {}).get("name", ""), 256)
    _few("fields", embed.get("fields", []), 25)
    for field in embed.get("fields", []):
        _filled("field name", field["name"], 256)
        _filled("field value", field["value"], 1024)


def _embed_texts(embed: Payload) -> Iterator[str]:
    yield embed.get("title", "")
    yield embed.get("description", "")
    yield embed.get("footer", {}).get("text", "")
    yield embed.get("author", {}).get("name", "")
    for field in embed.get("fields", []):
        yield field["name"]
        yield field["value"]


def _check_component(each: Payload) -> None:
    kind = each["type"]
    if kind == BUTTON:
        _short("label", each.get("label") or "", 80)
        if each["style"] != LINK_STYLE:
            _filled("custom_id", each["custom_id"], 100)
    elif kind == SELECT:
        _filled("custom_id", each["custom_id"], 100)
        _short("placeholder", each.get("placeholder") or "", 150)
        _few("options", each["options"], 25)
        for option in each["options"]:
            _filled("option", option["label"], 100)
            _filled("option value", option["value"], 100)
            _short("option description", option.get("description") or "", 100)


def _short(what: str, text: str, most: int) -> None:
    if len(text) > most:
        raise invalid(f"{what} of more than {most} characters")


def _filled(what: str, text: str, most: int) -> None:
    if not text.strip():
        raise invalid(f"{what} is required")
    _short(what, text, most)


def _few(what: str, items: list[Any], most: int) -> None:
    if len(items) > most:
        raise invalid(f"more than {most} {what}")
