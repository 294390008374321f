"""The reference of the rule language, written from the same records that read rules.

Lives here: Markdown for `gavel rules doc`. Nothing is said here that a record or a condition
does not say of itself, but for the thread of the text.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator
from typing import Any

from bot.model import LABELS
from bot.rules.conditions import CONDITIONS, Condition
from bot.rules.language import RULE_FILE
from bot.rules.ruleset import LoadedRule
from bot.yamlfile import At, Either, Kind, ListOf, MapOf, OneOrMany, Record

_HEAD = """\
# The rule language

A rule file is YAML. A folder of such files is a rule set: every `*.yaml` under it, in any order.
Check it with `gavel rules check`, run its examples with `gavel rules test`, and let your editor
check while you type with `gavel rules schema`.

## A first rule

Save this as `rules/house.yaml`:

```yaml
{first}```

`when` says what a comment must be like, `then` what happens to it. `gavel rules check rules` names
every mistake with its line, `gavel rules test rules` runs the examples, and
`gavel explain --rules rules --text "free n1tro"` tells why a text matches, or does not. A rule in
`shadow` is counted and does nothing: try it on an archive with `gavel dryrun`, then set it to `live`.

## For those who know other automods

| there | here |
|---|---|
| Discord: keyword filter, `cat`, `cat*`, `*cat`, `*cat*` | `words`, with the same wildcards |
| Discord: regex patterns; Reddit: `body (regex)` | `regex` |
| Discord: allow list | `exceptions`: they excuse what they cover, and nothing beside it |
| Discord: mention spam | `mentions`, spam: `rate` and `links` |
| Discord: block message; Reddit: `action: remove` | `then: {{action: remove}}` |
| Discord: send alert; Reddit: `action: filter` or `report` | `then: {{action: hold}}` or `{{action: flag}}` |
| Discord: time out member | `then: {{action: flag, timeout: 10m}}` |
| Discord: exempt roles and channels; Reddit: `moderators_exempt` | `scope` |
| Reddit: several checks in one rule | a list under `all` |
| Reddit: `~body`, and other checks turned round | `not` |
| Reddit: `author: account_age`, `is_submitter` | `author`, `reply` |
| Reddit: `priority` | none: all rules are asked, and the strongest action wins |

`gavel rules import` takes over what you have.

## What holds everywhere

- A condition is a mapping of one key: `words: [cat]`. Several go into a list under `all` or `any`.
- A comparison is text: `">= 0.85"`. The signs are `>=`, `<=`, `>`, `<` and `==`.
- A length of time is a whole number with `s`, `m`, `h`, `d` or `w`: `10m`.
- Every condition has three answers: yes, no, and unknown, where the source does not tell what is
  asked for (an author's age, say) or the model is down. Unknown is no match, and no pass under
  `not`; the verdict says what was missing.
- `evasion` says how much disguise is undone. `none`: `CAT` and `\uff43\uff41\uff54` are `cat`. `light`: so are
  `cät`, `\u0441at` with a Cyrillic letter, `c**a**t` and what invisible characters part. `strong`: so are
  `c4t`, `c.a.t`, `c a t`, `caaat` and `c*t`. What only `strong` finds may be chance: it never does
  more than `flag`.
- The labels of the models that come with Gavel are {labels}.
- A list's file stands beside the rule file, one entry a line; lines that begin with `#` are comments.
- An example is a plain comment, in scope, that answers nothing and quotes nobody, unless it says so.

## An example of everything

```yaml
{example}```

A key that is wrong, unknown, missing or written twice is an error with its line, and so is a word
that YAML readers disagree on (`no`, `012`, `1:30`): write it in quotes.
"""

FIRST_FILE = """\
rules:
  - id: house.free-nitro
    title: Nitro for free
    status: shadow
    when:
      all:
        - words: {entries: ["free nitro", "nitro giveaway*"], evasion: strong}
        - not: {quoted: true}
    then: {action: flag}
    reason: "sounds like a scam: {match}"
    examples:
      match: ["FREE NITRO here", "free n1tro"]
      no_match: ["nitro is not free", "> free nitro\\nis a scam"]
"""

EXAMPLE_FILE = """\
pack: {name: house-rules, description: What our community agreed on}
lists:
  names: [muppet, "wind-up merchant"]
defaults:
  scope: {exempt_roles: [Moderator]}
rules:
  - id: house.name-calling
    title: Name-calling in a reply
    status: live
    level: medium
    when:
      all:
        - any:
            - words: {list: names, evasion: strong}
            - score: {insult: ">= 0.9"}
        - reply: true
        - not: {quoted: true}
    then: {action: flag, labels: [harassment]}
    reason: "insult {score.insult:.0%}, matched {match}"
    known_problems: Friends who tease each other are flagged too.
    examples:
      match:
        - {text: "you muppet", scores: {insult: 0.7}, reply: true}
      no_match:
        - {text: "the muppet show is on", scores: {insult: 0.1}}
exceptions:
  - {id: muppet-show, for: [house.*], words: [the muppet show], reason: a programme}
"""


def reference() -> str:
    """Return the whole reference."""
    labels = ", ".join(f"`{label}`" for label in LABELS)
    head = _HEAD.format(first=FIRST_FILE, example=EXAMPLE_FILE, labels=labels)
    parts = [head, "## A rule file, key by key", *_tables()]
    parts += ["\n## Conditions\n", "Each is a mapping of one key, the condition's name.\n"]
    parts += [condition_page(cls) for cls in CONDITIONS]
    return "\n".join(parts)


def condition_page(cls: type[Condition]) -> str:
    """Return the page of one condition."""
    record: Record[Any] = Record(cls, cls.parameters)
    parameters = [] if cls.bare else ["", *_table(record)]
    example = f"```yaml\n{cls.example}\n```"
    lines = [f"### {cls.name}", "", f"{cls.title}.", "", cls.doc, "", example, *parameters]
    return "\n".join(lines) + "\n"


def rule_page(loaded: LoadedRule) -> str:
    """Return the page of one rule: what it finds, what it does, where it errs, examples."""
    rule = loaded.rule
    effects = "".join(f", {effect.kind}" for effect in rule.effects)
    lines = [
        f"{rule.id}: {rule.title}",
        f"  {rule.status}, level {rule.level}, action {rule.action}{effects}",
        f"  at {rule.where}",
    ]
    if rule.known_problems:
        lines.append(f"  known problems: {' '.join(rule.known_problems.split())}")
    shown = [("matches", loaded.examples.match[:2]), ("leaves", loaded.examples.no_match[:2])]
    for word, examples in shown:
        for each in examples:
            text = each.value if isinstance(each.value, str) else each.value.text
            lines.append(f"  {word}: {' '.join(text.split())}")
    return "\n".join(lines)


def _tables() -> Iterator[str]:
    """Yield the tables of all records under the rule file, each once, in the order of need."""
    waiting: list[Record[Any]] = [RULE_FILE]
    told: set[int] = set()
    while waiting:
        record = waiting.pop(0)
        if id(record) in told:
            continue
        told.add(id(record))
        yield f"\n### {record.noun[0].upper()}{record.noun[1:]}\n"
        if record.doc:
            yield f"{record.doc}\n"
        yield from _table(record)
        inner = (_inner(each.kind) for each in record.fields)
        waiting += [each for each in inner if each is not None and each.noun != "a mapping"]


def _table(record: Record[Any]) -> list[str]:
    rows = ["| key | value | meaning |", "|---|---|---|"]
    rows += [
        f"| `{name}` | {_cell(kind)} | {_cell(doc)} |" for name, kind, doc in _rows(record, "")
    ]
    return rows


def _rows(record: Record[Any], prefix: str) -> Iterator[tuple[str, str, str]]:
    """Yield key, value and meaning; a record without a name of its own is told in place."""
    for each in record.fields:
        default = " (required)" if each.required else _default(record, each.target)
        yield prefix + each.name, each.kind.noun + default, each.doc
        inner = _inner(each.kind)
        if inner is not None and inner.noun == "a mapping":
            of_any_name = "NAME." if isinstance(each.kind, MapOf) else ""
            yield from _rows(inner, f"{prefix}{each.name}.{of_any_name}")


def _inner(kind: Kind[Any]) -> Record[Any] | None:
    """Return the record inside a kind, if there is one."""
    if isinstance(kind, Record):
        return kind
    if isinstance(kind, (At, ListOf, MapOf, OneOrMany)):
        return _inner(kind.kind)
    if isinstance(kind, Either):
        return next(filter(None, map(_inner, kind.kinds)), None)
    return None


def _default(record: Record[Any], name: str) -> str:
    if not dataclasses.is_dataclass(record.make):
        return ""
    fields = {each.name: each.default for each in dataclasses.fields(record.make)}
    value = fields.get(name)
    if isinstance(value, bool):
        return f"; {str(value).lower()} by default"
    if isinstance(value, (enum.Enum, int)) or (isinstance(value, str) and value):
        return f"; {value} by default"
    return ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
