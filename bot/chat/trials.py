"""`/dryrun`: what rules would have done to a channel's past, or to an attached archive.

Lives here: gathering the comments and files, within limits. Not here: the run and its report
(`bot.app`, `bot.report`), which the services give.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import discord

from bot.chat.connection import NETWORK_ERRORS
from bot.chat.presses import Reply
from bot.chat.settings import ChatServices, Trial, Upload
from bot.chat.translate import to_comment
from bot.model import Comment
from bot.review import RefusedError

MOST_MESSAGES = 20_000
MOST_BYTES = 25_000_000
_LONGEST = 1_900


async def dry_run(
    interaction: discord.Interaction,
    services: ChatServices,
    hours: int,
    archive: discord.Attachment | None,
    rules: discord.Attachment | None,
) -> Reply:
    """Run over an archive, else over this channel; answer with the summary and the report."""
    try:
        trial = Trial(
            comments=() if archive else [each async for each in _past(interaction, hours)],
            archive=await _uploaded(archive) if archive else None,
            rules=await _uploaded(rules) if rules else None,
        )
    except NETWORK_ERRORS as error:
        raise RefusedError(f"What is to be run cannot be read: {error}") from error
    result = await services.dry_run(trial)
    return Reply(result.summary[:_LONGEST], file=result.report, file_name="gavel-dry-run.html")


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
