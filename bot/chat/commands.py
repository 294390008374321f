"""Slash commands and message menus.

Lives here: their names, options and completions, and which answer belongs to which. Not here: the
answers' words (`bot.chat.answers`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import discord
from discord import app_commands

from bot.cases import Case
from bot.chat.answers import queue_embed, rule_text, rules_lines, stats_text, verdict_text
from bot.chat.card import forgotten
from bot.chat.chart import stats_chart
from bot.chat.connection import NETWORK_ERRORS
from bot.chat.presses import Reply, explained, printed, said, shown
from bot.chat.replies import moderator_of, respond
from bot.chat.settings import CARDS, SOURCE, ChatServices
from bot.chat.translate import Person, to_author, to_comment
from bot.chat.trials import dry_run
from bot.chat.words import LONGEST_MESSAGE, block, size
from bot.model import Comment, Rule
from bot.review import RefusedError

_QUEUE = 50
_CHOICES = 25
_MENU = 125
_LINK = re.compile(r"(?:.*/(?P<channel>\d{15,20})/)?(?P<message>\d{15,20})")
_HIDDEN = discord.Permissions(manage_messages=True)

Tree = app_commands.CommandTree[discord.Client]


def build_commands(client: discord.Client, services: ChatServices, review_channel: int) -> Tree:
    """Return all commands; every one answers moderators only, and privately."""
    tree: Tree = app_commands.CommandTree(client)
    commands = Commands(services, review_channel)
    _add_questions(tree, commands)
    _add_menus(tree, commands)
    tree.add_command(_rules_group(commands))
    return tree


class Commands:
    """What each command does, once Discord's part is taken off."""

    def __init__(self, services: ChatServices, review_channel: int) -> None:
        self.services = services
        self._review_channel = review_channel

    async def run(
        self, interaction: discord.Interaction, work: Callable[[], Awaitable[Reply]]
    ) -> None:
        """Answer a moderator; refuse everybody else."""

        async def admitted() -> Reply:
            self.services.desk.admit(moderator_of(interaction))
            return await work()

        await respond(interaction, admitted)

    async def screen(self, interaction: discord.Interaction, text: str) -> Reply:
        """Tell what would become of a text, and keep nothing."""
        comment = Comment(
            id=str(interaction.id),
            text=text,
            source=SOURCE,
            channel=str(interaction.channel_id or ""),
            author=to_author(interaction.user),
            created_at=interaction.created_at,
        )
        return Reply(verdict_text(await self.services.preview(comment)))

    async def screen_message(self, message: discord.Message) -> Reply:
        """Tell what would become of a message."""
        return Reply(verdict_text(await self.services.preview(to_comment(message))))

    async def case(self, interaction: discord.Interaction, number: int) -> Reply:
        """Show a case; in the review channel it can be decided, too."""
        reply = await shown(number, self.services)
        here = interaction.channel_id == self._review_channel
        return reply if here else replace(reply, components=())

    async def queue(self, interaction: discord.Interaction) -> Reply:
        """List the cases that wait, with links to their cards."""
        desk = self.services.desk
        cases = await desk.queue(_QUEUE)
        links = {case.number: await self._link(interaction.guild_id, case) for case in cases}
        return Reply(embed=queue_embed(cases, links, await desk.paused()))

    async def _link(self, guild: int | None, case: Case) -> str:
        """Return the address of a case's card, empty while it has none."""
        placed = await self.services.placements.placement(CARDS, case.number)
        if placed is None:
            return ""
        return f"https://discord.com/channels/{guild}/{self._review_channel}/{placed.place}"

    async def stats(self, days: int) -> Reply:
        """Tell how the queue and the rules have done."""
        since, now = timedelta(days=days), self.services.clock.now()
        counts = await self.services.statistics.counts(now - since)
        text = stats_text(counts, since, await self.services.desk.paused())
        chart = await asyncio.to_thread(stats_chart, counts, now.date(), days)
        says = (
            "Hits and precision of each rule; cases opened and decided a day. The text says it too."
        )
        return Reply(text, file=chart, file_name="gavel-stats.png", file_says=says)

    async def why(self, interaction: discord.Interaction, message: str) -> Reply:
        """Trace why a message matched, or did not; where it is gone, its case tells what it said."""
        found = _LINK.fullmatch(message.strip())
        if found is None:
            raise RefusedError("Give a message's link or id (right click, Copy Message Link).")
        channel = found["channel"] or str(interaction.channel_id)
        comment = await _read(interaction, int(channel), int(found["message"]))
        if comment is None:
            case = await self.services.desk.case_of(SOURCE, channel, found["message"])
            if case is None or forgotten(case):
                raise RefusedError(
                    "That message cannot be read, and no case was made of it. Give its link (right"
                    " click, Copy Message Link), of a channel that you can read."
                )
            comment = case.comment
        return explained(await self.services.explain(comment))

    async def missed(self, message: discord.Message) -> Reply:
        """Ask which rule should have caught a message that none did."""
        case = await self.services.desk.case_of(SOURCE, str(message.channel.id), str(message.id))
        if case is not None and case.verdict.acting:
            found = ", ".join(f"`{match.rule}`" for match in case.verdict.acting)
            raise RefusedError(f"It was not missed: it is case {case.number}, found by {found}.")
        rules = [(rule.id, rule.id) for rule in self.services.rules.listed()][:_MENU]
        text = "Which rule should have caught this message?"
        return Reply(text, menu=tuple(rules), menu_verb="miss", menu_number=message.id)

    async def pause(self, interaction: discord.Interaction, *, on: bool) -> Reply:
        """Stop rules from acting on their own, or let them again."""
        await self.services.desk.pause(moderator_of(interaction), on=on)
        return Reply(
            "Rules only file cases now; nothing is removed unless a moderator says so."
            " This holds over restarts, until `/pause` with `on: False`."
            if on
            else "Rules may act on their own again, as the configuration says."
        )

    def rule(self, name: str) -> Rule:
        """Return a rule by its id."""
        for rule in self.services.rules.listed():
            if rule.id == name:
                return rule
        raise RefusedError(f"There is no rule {name}.")

    def show(self, name: str) -> Reply:
        """Show a rule, and how its file has it."""
        told, written = rule_text(self.rule(name)), self.services.rules.written(name)
        whole = f"{told}\n{block(written)}"
        return Reply(whole) if size(whole) <= LONGEST_MESSAGE else Reply(told, file=written)

    def completions(self, current: str) -> list[app_commands.Choice[str]]:
        """Return the ids of rules that hold what was typed."""
        ids = [rule.id for rule in self.services.rules.listed() if current.lower() in rule.id]
        return [app_commands.Choice(name=each[:100], value=each[:100]) for each in ids[:_CHOICES]]


async def _read(interaction: discord.Interaction, channel: int, message: int) -> Comment | None:
    """Return a message, `None` where it is gone, or its asker or the bot cannot read it."""
    place: object = interaction.channel
    if channel != interaction.channel_id:
        place = interaction.guild and interaction.guild.get_channel_or_thread(channel)
        if not _may_read(place, interaction.user):
            return None
    if not isinstance(place, discord.abc.Messageable):
        return None
    try:
        return to_comment(await place.fetch_message(message))
    except NETWORK_ERRORS:
        return None


def _may_read(place: object, person: Person) -> bool:
    """Say whether a person can read a place themselves: the bot must not read it out to others."""
    if not isinstance(place, discord.abc.GuildChannel | discord.Thread):
        return False
    if not isinstance(person, discord.Member):
        return False
    may = place.permissions_for(person)
    invited = not isinstance(place, discord.Thread) or not place.is_private() or may.manage_threads
    return may.view_channel and may.read_message_history and invited


def _add_questions(tree: Tree, commands: Commands) -> None:
    @tree.command(description="See what would become of a text; nothing is kept")
    @app_commands.default_permissions(_HIDDEN)
    @app_commands.describe(text="The text, as somebody would write it")
    async def screen(interaction: discord.Interaction, text: str) -> None:
        await commands.run(interaction, lambda: commands.screen(interaction, text))

    @tree.command(description="Show a case by its number")
    @app_commands.default_permissions(_HIDDEN)
    @app_commands.describe(number="The number in the card's title")
    async def case(interaction: discord.Interaction, number: int) -> None:
        await commands.run(interaction, lambda: commands.case(interaction, number))

    @tree.command(description="List the cases that wait, gravest first")
    @app_commands.default_permissions(_HIDDEN)
    async def queue(interaction: discord.Interaction) -> None:
        await commands.run(interaction, lambda: commands.queue(interaction))

    @tree.command(description="How the rules and the queue have done")
    @app_commands.default_permissions(_HIDDEN)
    @app_commands.describe(days="How many days to count (7)")
    async def stats(
        interaction: discord.Interaction, days: app_commands.Range[int, 1, 365] = 7
    ) -> None:
        await commands.run(interaction, lambda: commands.stats(days))

    @tree.command(description="Trace why a message matched, or did not")
    @app_commands.default_permissions(_HIDDEN)
    @app_commands.describe(message="The message's link or id")
    async def why(interaction: discord.Interaction, message: str) -> None:
        await commands.run(interaction, lambda: commands.why(interaction, message))

    @tree.command(description="What rules would have done to this channel, or to an archive")
    @app_commands.default_permissions(_HIDDEN)
    @app_commands.describe(
        hours="How much of this channel's past (24)",
        archive="An export to try the rules on, instead of this channel",
        rules="A rule file to try, instead of the live rules",
    )
    async def dryrun(
        interaction: discord.Interaction,
        hours: app_commands.Range[int, 1, 8_760] = 24,
        archive: discord.Attachment | None = None,
        rules: discord.Attachment | None = None,
    ) -> None:
        await commands.run(
            interaction, lambda: dry_run(interaction, commands.services, hours, archive, rules)
        )

    @tree.command(description="Stop rules from acting on their own, or let them again")
    @app_commands.default_permissions(_HIDDEN)
    @app_commands.describe(on="True: rules only file cases; False: they act again")
    async def pause(interaction: discord.Interaction, on: bool) -> None:  # noqa: FBT001 - an option of the command
        await commands.run(interaction, lambda: commands.pause(interaction, on=on))


def _add_menus(tree: Tree, commands: Commands) -> None:
    @tree.context_menu(name="Screen this")
    @app_commands.default_permissions(_HIDDEN)
    async def screen_this(interaction: discord.Interaction, message: discord.Message) -> None:
        await commands.run(interaction, lambda: commands.screen_message(message))

    @tree.context_menu(name="Missed abuse")
    @app_commands.default_permissions(_HIDDEN)
    async def missed_abuse(interaction: discord.Interaction, message: discord.Message) -> None:
        await commands.run(interaction, lambda: commands.missed(message))


def _rules_group(commands: Commands) -> app_commands.Group:
    group = app_commands.Group(
        name="rules", description="The rules", default_permissions=_HIDDEN, guild_only=True
    )
    rules = commands.services.rules

    async def told(work: Awaitable[str], as_: Callable[[str], Reply] = said) -> Reply:
        return as_(await work)

    @group.command(name="list", description="List the rules")
    async def list_(interaction: discord.Interaction) -> None:
        async def work() -> Reply:
            return said("\n".join(rules_lines(rules.listed())))

        await commands.run(interaction, work)

    @group.command(description="Show a rule")
    @app_commands.describe(rule="The rule's id")
    async def show(interaction: discord.Interaction, rule: str) -> None:
        async def work() -> Reply:
            return commands.show(rule)

        await commands.run(interaction, work)

    @group.command(description="Read the rule files again")
    async def reload(interaction: discord.Interaction) -> None:
        await commands.run(interaction, lambda: told(rules.reload()))

    @group.command(description="Test the examples inside the rules")
    async def test(interaction: discord.Interaction) -> None:
        await commands.run(interaction, lambda: told(rules.test(), printed))

    @group.command(description="Let a rule be counted only, until the next reload")
    @app_commands.describe(rule="The rule's id")
    async def shadow(interaction: discord.Interaction, rule: str) -> None:
        await commands.run(interaction, lambda: told(rules.shadow(commands.rule(rule).id)))

    @show.autocomplete("rule")
    @shadow.autocomplete("rule")
    async def complete(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        known = commands.services.desk.may(moderator_of(interaction))
        return commands.completions(current) if known else []

    return group
