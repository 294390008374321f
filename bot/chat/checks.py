"""What must be right before the bot works, each with the way to mend it.

Lives here: what is seen of a server (`Sight`) and what is wrong with it. The same checks hold at the
start, in `gavel init` and in `gavel doctor`. Not here: asking Discord without being connected
(`bot.chat.probe`) and the settings' own form (`bot.config`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import discord

from bot.chat.settings import ChatSettings
from bot.errors import Problem, Severity, UserError

Permissions = frozenset[str]
"""Names of permissions as people read them in Discord's server settings."""

_READING = {"view_channel": "View Channels", "read_message_history": "Read Message History"}
_POSTING = {**_READING, "send_messages": "Send Messages", "embed_links": "Embed Links"}
_ACTING = {
    "manage_messages": "Manage Messages",
    "moderate_members": "Timeout Members",
    "kick_members": "Kick Members",
    "ban_members": "Ban Members",
}
_ALL = {**_POSTING, **_ACTING}
_AUTOMOD = {"manage_guild": "Manage Server"}
"""Discord tells only those of what its AutoMod blocked; it is much to ask for, so we do not."""


_PORTAL = "discord.com/developers/applications, your application, Bot"
_MOST_NAMES = 10


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, what the bot may do in it, and who reads it: everybody, or `readers`, role ids."""

    id: int
    name: str
    may: Permissions
    public: bool
    takes_cards: bool
    readers: frozenset[str] = frozenset()

    def lacks(self, needed: Mapping[str, str]) -> list[str]:
        """Return the needed permissions that the bot does not have here."""
        return [name for name in needed.values() if name not in self.may]


@dataclass(frozen=True, slots=True)
class Server:
    """A server with its channels and roles (`@everyone` left out), and what the bot may do.

    `managed` are the roles that belong to bots, boosters and integrations: nobody hands them out.
    `without_commands` are those that do not show the bot's commands to their members.
    """

    id: int
    name: str
    places: tuple[Place, ...]
    roles: Mapping[str, str]
    may: Permissions
    managed: frozenset[str] = frozenset()
    without_commands: frozenset[str] = frozenset()

    @property
    def tells_of_automod(self) -> bool:
        """Whether the bot hears of what Discord's AutoMod blocks."""
        return self.may.issuperset(_AUTOMOD.values())

    def place(self, identity: int) -> Place | None:
        """Return a channel."""
        return next((place for place in self.places if place.id == identity), None)


@dataclass(frozen=True, slots=True)
class Sight:
    """What the bot sees: whether texts and presses reach it, and its server, if it is there."""

    reads_content: bool
    hears_presses: bool
    server: Server | None


def see(
    application: discord.AppInfo,
    guild: discord.Guild | None,
    channels: Iterable[discord.abc.GuildChannel],
    me: discord.Member | None,
    commands_for: Collection[str] = (),
) -> Sight:
    """Return what Discord's objects tell; `commands_for` are roles that are shown the commands."""
    flags = application.flags
    reads = flags.gateway_message_content or flags.gateway_message_content_limited
    hears = not application.interactions_endpoint_url
    if guild is None or me is None:
        return Sight(reads, hears, None)
    places = tuple(
        _place(channel, me)
        for channel in channels
        if not isinstance(channel, discord.CategoryChannel)
    )
    # The highest first, as Discord lists them.
    roles = {str(r.id): r.name for r in sorted(guild.roles, reverse=True) if not r.is_default()}
    managed = frozenset(str(role.id) for role in guild.roles if role.managed)
    may = _may(me.guild_permissions)
    unshown = frozenset(
        str(role.id)
        for role in guild.roles
        if str(role.id) not in commands_for
        and not (role.permissions.manage_messages or role.permissions.administrator)
    )
    return Sight(reads, hears, Server(guild.id, guild.name, places, roles, may, managed, unshown))


def _place(channel: discord.abc.GuildChannel, me: discord.Member) -> Place:
    everybody = channel.permissions_for(channel.guild.default_role)
    return Place(
        channel.id,
        channel.name,
        _may(channel.permissions_for(me)),
        public=everybody.view_channel,
        takes_cards=isinstance(channel, discord.TextChannel),
        readers=frozenset(_readers(channel, me)),
    )


def _readers(channel: discord.abc.GuildChannel, me: discord.Member) -> Iterator[str]:
    """Yield the roles of people that are let in by name."""
    for role in channel.changed_roles:
        let_in = channel.overwrites_for(role).view_channel
        if let_in and not (role.is_default() or role.managed or role in me.roles):
            yield str(role.id)


def _may(permissions: discord.Permissions) -> Permissions:
    return frozenset(
        name for key, name in {**_ALL, **_AUTOMOD}.items() if getattr(permissions, key)
    )


def find_problems(client: discord.Client, settings: ChatSettings) -> list[Problem]:
    """Return all that keeps the bot from starting, once it is connected."""
    if client.application is None:
        raise ValueError("the client has not logged in")
    guild = client.get_guild(settings.guild)
    channels, me = (guild.channels, guild.me) if guild else ([], None)
    return starting_problems(see(client.application, guild, channels, me), settings)


def starting_problems(sight: Sight, settings: ChatSettings) -> list[Problem]:
    """Return what makes the bot useless or dangerous: it must not start."""
    problems = application_problems(sight)
    if sight.server is None:
        return [*problems, _no_server(settings)]
    return [*problems, *_everybody_decides(settings), *unfit_review_channel(sight.server, settings)]


def application_problems(sight: Sight) -> list[Problem]:
    """Return what is wrong with the application, whatever the settings are."""
    problems = [] if sight.reads_content else [_no_content()]
    return problems if sight.hears_presses else [*problems, _no_presses()]


def all_problems(sight: Sight, settings: ChatSettings) -> list[Problem]:
    """Return also what the bot could start with, though not all would work."""
    problems = starting_problems(sight, settings)
    if sight.server is not None:
        problems += _roles(sight.server, settings)
        problems += _onlookers(sight.server, settings)
        problems += _commands(sight.server, settings)
        problems += _screened(sight.server, settings)
        problems += _acting(sight.server)
    return problems


def bad_token() -> UserError:
    """Return what to say when Discord does not take the token."""
    return UserError(
        "Discord refuses the token",
        hint=f"reset it ({_PORTAL}) and set it in the environment",
    )


def bad_intents() -> UserError:
    """Return what to say when Discord does not take the intents."""
    return UserError("Discord refuses the intents", hint=_turn_on())


def _turn_on() -> str:
    return f"turn on Message Content Intent: {_PORTAL}, Privileged Gateway Intents"


def _problem(message: str, hint: str) -> Problem:
    return Problem("discord", message, hint=hint)


def _warning(message: str, hint: str) -> Problem:
    return Problem("discord", message, hint=hint, severity=Severity.WARNING)


def _no_content() -> Problem:
    return _problem("the bot may not read what messages say", _turn_on())


def _no_presses() -> Problem:
    return _problem(
        "Discord sends presses and commands to another address, not to the bot",
        "empty Interactions Endpoint URL: discord.com/developers/applications, your application,"
        " General Information",
    )


def _no_server(settings: ChatSettings) -> Problem:
    return _problem(
        f"the bot is not on the server {settings.guild}",
        "invite it with the scopes bot and applications.commands, or mend discord.guild",
    )


def _everybody_decides(settings: ChatSettings) -> Iterator[Problem]:
    if str(settings.guild) in settings.moderator_roles:
        yield _problem(
            "discord.moderator_roles names @everyone: everybody could decide",
            "name a role that only moderators have",
        )


def unfit_review_channel(server: Server, settings: ChatSettings) -> Iterator[Problem]:
    """Yield why cards may not be posted in the review channel of the settings."""
    place = server.place(settings.review_channel)
    if place is None:
        yield _problem(
            f"there is no review channel {settings.review_channel} that the bot can see",
            "mend discord.review_channel (right click the channel, Copy Channel ID), and give the"
            " bot View Channels there",
        )
        return
    if not place.takes_cards:
        yield _problem(
            f"the review channel #{place.name} is no text channel", "name a text channel"
        )
    if missing := place.lacks(_POSTING):
        yield _problem(
            f"in #{place.name} the bot lacks: {', '.join(missing)}",
            "give these permissions to the bot's role in that channel's settings",
        )
    if place.public:
        yield _problem(
            f"everybody can read the review channel #{place.name}",
            "take View Channels from @everyone there: cards repeat the abuse, and name rules",
        )


def _roles(server: Server, settings: ChatSettings) -> Iterator[Problem]:
    for role in sorted(settings.moderator_roles - {str(server.id)} - server.roles.keys()):
        yield _problem(
            f"there is no role {role} on the server {server.name}",
            "mend discord.moderator_roles (Server Settings, Roles, Copy Role ID)",
        )


def _onlookers(server: Server, settings: ChatSettings) -> Iterator[Problem]:
    place = server.place(settings.review_channel)
    others = place.readers - settings.moderator_roles if place else frozenset()
    if place and others:
        names = ", ".join(server.roles.get(role, role) for role in sorted(others))
        yield _warning(
            f"who does not decide can read the review channel #{place.name}: {names}",
            "take View Channels from these roles there, or name them in discord.moderator_roles",
        )


def _commands(server: Server, settings: ChatSettings) -> Iterator[Problem]:
    everybody = str(server.id)
    if everybody in server.without_commands and (
        unshown := sorted(settings.moderator_roles & server.without_commands - {everybody})
    ):
        names = ", ".join(server.roles.get(role, role) for role in unshown)
        yield _warning(
            f"these roles decide, but do not show the bot's commands to their members: {names}",
            "give them Manage Messages, or add them under Server Settings, Integrations, the bot;"
            " the buttons of cards work all the same",
        )


def _screened(server: Server, settings: ChatSettings) -> Iterator[Problem]:
    places = {str(place.id): place for place in server.places}
    for channel in sorted(settings.channels - places.keys()):
        yield _problem(
            f"there is no channel {channel} on the server {server.name} to be screened",
            "mend discord.channels",
        )
    unread = [
        place.name
        for identity, place in places.items()
        if _to_be_screened(identity, settings) and place.lacks(_READING)
    ]
    if not unread:
        return
    message = f"the bot cannot read, and so does not screen: {_listed(unread)}"
    hint = f"give it {' and '.join(_READING.values())} there"
    if settings.channels:
        yield _problem(message, f"{hint}, or take them out of discord.channels")
    else:
        yield _warning(message, f"{hint}, or list them under discord.exempt_channels")


def _to_be_screened(channel: str, settings: ChatSettings) -> bool:
    if channel == str(settings.review_channel) or channel in settings.exempt_channels:
        return False
    return not settings.channels or channel in settings.channels


def _acting(server: Server) -> Iterator[Problem]:
    if missing := [name for name in _ACTING.values() if name not in server.may]:
        yield _warning(
            f"on the server {server.name} the bot lacks: {', '.join(missing)}",
            "give them to the bot's role where moderators or rules are to remove, time out, kick or"
            " ban; without them the card says that it was not done",
        )


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"#{name}" for name in names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def invite(application: int) -> str:
    """Return the address at which an administrator adds the bot, with what it needs."""
    permissions = discord.Permissions(**dict.fromkeys(_ALL, True))
    return discord.utils.oauth_url(
        application, permissions=permissions, scopes=("bot", "applications.commands")
    )
