"""`/dryrun`: what rules would have done to a channel's past, or to an attached archive.

Lives here: gathering the comments and files, within limits. Not here: the run and its report
(`bot.app`, `bot.report`), which the services give.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from time import monotonic

import discord

from bot.chat.connection import NETWORK_ERRORS
from bot.chat.presses import Reply
from bot.chat.replies import send
from bot.chat.settings import ChatServices, Trial, Upload
from bot.chat.translate import to_comment
from bot.chat.words import LONGEST_MESSAGE
from bot.model import Comment
from bot.ports import Clock
from bot.review import RefusedError

MOST_MESSAGES = 20_000
MOST_BYTES = 25_000_000
LONGEST_RUN = timedelta(minutes=12)
"""Discord takes no answer after fifteen minutes; what was screened until then is told."""

SHOW_EVERY = 3.0
"""Seconds between two looks at how far it has come."""

_REPORT, _DIFFERENCE = "gavel-dry-run.html", "gavel-difference.html"


async def dry_run(
    interaction: discord.Interaction,
    services: ChatServices,
    hours: int,
    archive: discord.Attachment | None,
    rules: discord.Attachment | None,
) -> Reply:
    """Run over an archive, else over this channel; answer with the summary and the reports."""
    try:
        trial = Trial(
            comments=() if archive else [each async for each in _past(interaction, hours)],
            archive=await _uploaded(archive) if archive else None,
            rules=await _uploaded(rules) if rules else None,
        )
    except NETWORK_ERRORS as error:
        raise RefusedError(f"What is to be run cannot be read: {error}") from error
    async with _progress(interaction, len(trial.comments), services.clock) as progress:
        deadline = monotonic() + LONGEST_RUN.total_seconds()
        found = await services.dry_run(
            replace(trial, progress=progress, stopped=lambda: monotonic() > deadline)
        )
    if found.difference:
        text = "What the attached rules would change:"
        await send(interaction, Reply(text, file=found.difference, file_name=_DIFFERENCE))
    return Reply(found.summary[:LONGEST_MESSAGE], file=found.report, file_name=_REPORT)


@asynccontextmanager
async def _progress(
    interaction: discord.Interaction, total: int, clock: Clock
) -> AsyncIterator[Callable[[int], None]]:
    """Yield what counts; every few seconds the answer shows how far it has come."""
    counted: list[int] = []
    of = f" of {total:,}" if total else ""

    async def show() -> None:
        while True:
            await clock.sleep(SHOW_EVERY)
            with suppress(*NETWORK_ERRORS):
                await interaction.edit_original_response(content=f"{sum(counted):,}{of} screened …")

    showing = asyncio.create_task(show())
    try:
        yield counted.append
    finally:
        showing.cancel()


async def _past(interaction: discord.Interaction, hours: int) -> AsyncIterator[Comment]:
    channel = interaction.channel
    if not isinstance(channel, discord.abc.Messageable):
        raise RefusedError("Ask in the channel that is to be run, or attach an archive.")
    since = interaction.created_at - timedelta(hours=hours)
    history = channel.history(after=since, limit=MOST_MESSAGES, oldest_first=True)
    async for message in history:
        if not message.is_system() and message.author != interaction.client.user:
            yield to_comment(message)


async def _uploaded(attachment: discord.Attachment) -> Upload:
    if attachment.size > MOST_BYTES:
        raise RefusedError(f"{attachment.filename} is larger than {MOST_BYTES // 10**6} MB.")
    return Upload(attachment.filename, await attachment.read())
