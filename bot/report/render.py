"""Turns templates into self-contained pages.

Lives here: the template environment, and the policy that every page carries: it forbids every
connection, and only our own style and script may run, named by their hashes. Not here: what a
page says (`bot.report.page`, `bot.report.compare_page`).
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.model import Action
from bot.report import words
from bot.report.visible import one_line

_TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values: object) -> str:
    """Render one of our templates with what every page needs."""
    style, script = source("style.css"), source("script.js")
    return (
        _environment()
        .get_template(template)
        .render(
            style=Markup(style),  # noqa: S704 - our own file, read unchanged
            script=Markup(script),  # noqa: S704 - our own file, read unchanged
            policy=_policy(style, script),
            words=words,
            Action=Action,
            **values,
        )
    )


def _policy(style: str, script: str) -> str:
    allowed = {"style-src": _hash(style), "script-src": _hash(script)}
    rules = "; ".join(f"{kind} '{digest}'" for kind, digest in allowed.items())
    return f"default-src 'none'; {rules}; base-uri 'none'; form-action 'none'"


def _hash(source: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number="{:,}".format,
        plural=words.plural,
        line=one_line,
        operator=words.operator,
        same_rate=words.same_rate,
        side=words.side,
    )
    return environment


@cache
def source(name: str) -> str:
    """Return one of the templates as it was written."""
    return _TEMPLATES.joinpath(name).read_text(encoding="utf-8")
