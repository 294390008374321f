"""The condition on links, and how links are found: `links`."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from bot.model import Evasion, FoldedText, FoldedView, Outcome, Span
from bot.rules.batch import Batch, Screen
from bot.rules.conditions.base import Condition
from bot.rules.kinds import CompareNumber, Comparison
from bot.rules.look import NO, Answer, Look, place
from bot.rules.measures import Joined
from bot.yamlfile import Field, Flag, ListOf, Text

_ONE = Comparison(">=", 1)

# A scheme or www., or a bare name under an ending that spammers and invites use.
_LINK = re.compile(
    r"(?i)(?:h(?:tt|xx)ps?://|www\.)[^\s<>\"`|]+"
    r"|(?<![\w@./-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+"
    r"(?:com|net|org|info|biz|gg|io|ru|xyz|top|link|site|shop|online|club|app|dev|live|me)"
    r"(?![\w-]|\.\w)(?:[:/?#][^\s<>\"`|]*)?"
)
_INNER_DOT = re.compile(r"\.\w")
_SCHEME = re.compile(r"(?i)^[a-z]+://")
_INVITE = re.compile(
    r"(?:discord\.gg|discord(?:app)?\.com/invite|dsc\.gg|t\.me|chat\.whatsapp\.com)/[\w+-]+"
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a text. `readings` are its address from the host on, first as it is written."""

    span: Span
    readings: tuple[str, ...]

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host of each reading."""
        return tuple(re.split(r"[/?#\\]", reading, maxsplit=1)[0] for reading in self.readings)

    @property
    def is_invite(self) -> bool:
        """Whether it invites to a chat server."""
        return any(_INVITE.match(reading) for reading in self.readings)


@dataclass(frozen=True)
class Links(Condition):
    """Links of one sort, counted."""

    count: Comparison = _ONE
    domains: tuple[str, ...] = ()
    not_domains: tuple[str, ...] = ()
    invites: bool | None = None

    name: ClassVar[str] = "links"
    title = "The text holds links of this sort"
    doc = (
        "Counts links that fit all of `domains`, `not_domains` and `invites`; without these, all "
        "links. A domain covers its subdomains; `*.example.com` covers only these. Links with "
        "invisible characters or look-alike letters in them are seen."
    )
    example = 'links: {not_domains: [example.com], count: ">= 3"}'
    parameters = (
        Field("count", CompareNumber(">= 3", whole=True), "How many such links."),
        Field("domains", ListOf(Text("a domain", r"(?:\*\.)?[^\s/*:@]+")), "Only these."),
        Field("not_domains", ListOf(Text("a domain", r"(?:\*\.)?[^\s/*:@]+")), "None of these."),
        Field("invites", Flag(), "True: only invites to chat servers; false: all but these."),
    )

    def test(self, look: Look) -> Answer:
        found = self._of_sort(find_links(look.facts.text))
        if not self.count.holds(len(found)):
            return NO
        text = look.facts.text.original
        return Answer(Outcome.MATCH, tuple(place(text, link.span) for link in found))

    def screen(self, batch: Batch) -> Screen:
        match = batch.nowhere() | self.count.holds(0)
        for row, links in batch.once(_links_of_many).items():
            match[row] = self.count.holds(len(self._of_sort(links)))
        return Screen.exact(match)

    def _of_sort(self, links: tuple[Link, ...]) -> list[Link]:
        return [link for link in links if self._fits(link)]

    def _fits(self, link: Link) -> bool:
        if self.domains and not any(_under(host, self.domains) for host in link.hosts):
            return False
        # A look-alike of an innocent domain is not innocent: only what is written counts here.
        if _under(link.hosts[0], self.not_domains):
            return False
        return self.invites is None or link.is_invite is self.invites

    def detail(self, look: Look) -> str:
        hosts = [link.hosts[0] for link in find_links(look.facts.text)]
        return f"links to {', '.join(hosts)}" if hosts else "no links"


def _links_of_many(batch: Batch) -> dict[int, tuple[Link, ...]]:
    """Return the links of each text that may hold any, by row."""
    rows = {int(rows[number]) for rows, texts in batch.texts.parts for number in _signed(texts)}
    disguised = (
        row
        for row, facts in enumerate(batch.facts)
        if len(facts.text.views) > 1 and _has_sign_behind_disguise(facts.text)
    )
    return {row: find_links(batch.facts[row].text) for row in sorted(rows.union(disguised))}


def _signed(texts: Joined) -> list[int]:
    """Return the texts with anything that every link has; most dots merely end a sentence."""
    slashes, dots = texts.at("/"), texts.at(".")
    twice = texts.may_fit(slashes + 1, _is_slash)
    inner = texts.may_fit(dots + 1, _is_in_host)
    www = texts.may_fit(dots - 1, _is_w) & texts.may_fit(dots - 2, _is_w)
    return texts.owners(np.concatenate([slashes[twice], dots[inner | www]]))


def _is_slash(character: str) -> bool:
    return character == "/"


def _is_w(character: str) -> bool:
    return character in "wW"


def _is_in_host(character: str) -> bool:
    return character.isalnum() or character == "_"


def _has_sign_behind_disguise(text: FoldedText) -> bool:
    if text.original.isascii() and "." not in text.original:
        return False
    return any(_has_sign_of_link(view.text) for view in _undisguised(text))


def _has_sign_of_link(text: str) -> bool:
    if "//" in text:
        return True
    return "." in text and bool(_INNER_DOT.search(text) or "www." in text.lower())


def find_links(text: FoldedText) -> tuple[Link, ...]:
    """Return the links of a text in order, those behind a light disguise among them."""
    links = list(_links(text.original))
    starts = [link.span.start for link in links]
    for view in _undisguised(text):
        for found in _links(view.text):
            link = Link(view.original_span(*found.span), found.readings)
            # Only the last link that begins before the end of this one can stand in its place.
            place = bisect_left(starts, link.span.end) - 1
            if place >= 0 and links[place].span.end > link.span.start:
                readings = dict.fromkeys(links[place].readings + link.readings)
                links[place] = Link(links[place].span, tuple(readings))
            else:
                links.append(link)
    return tuple(sorted(links, key=lambda link: link.span))


def _undisguised(text: FoldedText) -> list[FoldedView]:
    return [view for view in text.views if view.evasion is Evasion.LIGHT]


def _links(text: str) -> Iterator[Link]:
    for match in _LINK.finditer(text) if _has_sign_of_link(text) else ():
        written = match.group().rstrip(".,;:!?'*_~")
        if written.endswith(")") and written.count("(") < written.count(")"):
            # The bracket closes what stands around the link, as in [text](link).
            written = written[: written.rindex(")")]
        authority, rest = re.split(r"(?=[/?#\\]|$)", _SCHEME.sub("", written), maxsplit=1)
        host = plain_host(authority.rpartition("@")[2].partition(":")[0].rstrip("."))
        if "." in host:
            span = Span(match.start(), match.start() + len(written))
            yield Link(span, (host.removeprefix("www.") + rest,))


def plain_host(host: str) -> str:
    """Return a host name in lower case, with international letters as people read them."""
    host = host.lower()
    if "xn--" not in host:
        return host
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def _under(host: str, domains: tuple[str, ...]) -> bool:
    for domain in map(plain_host, domains):
        if host.endswith("." + domain.removeprefix("*.")) or host == domain:
            return True
    return False
