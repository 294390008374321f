"""The table of archive formats.

Lives here: one line a format, in the order in which detection tries them: what is unmistakable
comes first, plain text, which fits anything, last. Not here: the formats themselves.
"""

from __future__ import annotations

from bot.archive.base import Format
from bot.archive.formats import (
    delimited,
    discord_csv,
    discord_json,
    discord_text,
    discourse,
    disqus,
    drupal,
    hackernews,
    isso,
    jsonl,
    mastodon,
    plain,
    reddit,
    slack,
    telegram,
    whatsapp,
    wikiconv,
    wordpress,
    ytdlp,
)

FORMATS: tuple[Format, ...] = (
    Format("drupal", "pasted Drupal thread", drupal.detect, drupal.read),
    Format("disqus", "Disqus export, XML", disqus.detect, disqus.read),
    Format("wordpress", "WordPress export, WXR", wordpress.detect, wordpress.read),
    Format("discord-json", "DiscordChatExporter, JSON", discord_json.detect, discord_json.read),
    Format("discord-csv", "DiscordChatExporter, CSV", discord_csv.detect, discord_csv.read),
    Format("reddit-thread", "Reddit thread, JSON", reddit.detect_listing, reddit.read_listing),
    Format("reddit-dump", "Reddit dump, JSON lines", reddit.detect_dump, reddit.read_dump),
    Format("wikiconv", "WikiConv talk page threads", wikiconv.detect, wikiconv.read),
    Format("discourse", "Discourse topic, JSON", discourse.detect, discourse.read),
    Format("mastodon", "Mastodon conversation, JSON", mastodon.detect, mastodon.read),
    Format("yt-dlp", "video comments by yt-dlp", ytdlp.detect, ytdlp.read),
    Format("telegram", "Telegram export, JSON", telegram.detect, telegram.read),
    Format("hacker-news", "Hacker News items, JSON", hackernews.detect, hackernews.read),
    Format("isso", "Isso, generic JSON", isso.detect, isso.read),
    Format("slack", "Slack export, folder or zip", slack.detect, slack.read),
    Format("whatsapp", "WhatsApp chat, text", whatsapp.detect, whatsapp.read),
    Format("discord-text", "Discord chat, pasted", discord_text.detect, discord_text.read),
    Format("jsonl", "JSON, an object a line or a list", jsonl.detect, jsonl.read, jsonl.check),
    Format("csv", "table, CSV", delimited.detect_csv, delimited.read, delimited.check),
    Format("tsv", "table, tab-separated", delimited.detect_tsv, delimited.read, delimited.check),
    Format("txt", "text, a comment a line", plain.detect, plain.read),
)


def formats() -> tuple[str, ...]:
    """Return the names of the formats, in the order of detection."""
    return tuple(each.name for each in FORMATS)
