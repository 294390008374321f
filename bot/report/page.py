"""Renders a summary as one self-contained HTML page."""

from __future__ import annotations

from bot.report.values import About, Summary


def html(summary: Summary, about: About) -> str:
    """Return the page of a dry run."""
    return f"<!doctype html><title>{len(about.files)}: {summary.total}</title>"
