"""The JSON Schema and the loader judge alike, on a corpus and on mutations of it."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.conditions import CONDITIONS
from bot.rules.doc import EXAMPLE_FILE
from bot.rules.language import rule_schema
from bot.yamlfile import Report, parse_text
from tests.rules.making import read
from tests.yamlfile.reading import plain

BEYOND_A_SCHEMA = {
    "duplicate-id": "one value alone does not show it",
    "entry-matches-all": "an entry of wildcards only is a matter of the matcher",
    "list-missing": "an editor does not look for files",
    "list-outside": "an editor does not look for files",
    "regex": "RE2 itself judges",
    "unknown-label": "the model is not known to an editor",
    "unknown-list": "one value alone does not show it",
    "unknown-rule": "one value alone does not show it",
}

SCHEMA = rule_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def parsed(text: str) -> Any:
    node = parse_text(text, "x.yaml", Report())
    assert node is not None
    return plain(node)


def loader_accepts(data: Any) -> tuple[bool, list[str]]:
    report = Report()
    # JSON is YAML, and written a hundred times faster.
    read(json.dumps(data, ensure_ascii=False), report)
    found = [problem for problem in report.errors if problem.code not in BEYOND_A_SCHEMA]
    return not found, [problem.render() for problem in found]


def agree(data: Any) -> None:
    accepted, problems = loader_accepts(data)
    errors = [f"{list(e.absolute_path)}: {e.message}" for e in VALIDATOR.iter_errors(data)]
    assert accepted == (not errors), f"{data}\nloader: {problems}\nschema: {errors}"


FULL = parsed("""
pack: {name: p, description: d}
lists:
  l: [cat, dog]
  f: {file: words.txt}
defaults: {status: live, level: low, scope: {bots: true}}
rules:
- id: a.b-c
  title: t
  status: shadow
  level: critical
  scope:
    sources: [discord]
    channels: ["*"]
    not_channels: []
    exempt_roles: [mod]
    exempt_authors: [x]
    bots: false
  when:
    all:
    - any:
      - words: [cat, "*dog*"]
      - words: cat
      - words: {entries: [cat], list: l, evasion: none, at_least: 2}
      - regex: 'a+'
      - regex: {pattern: [a, b], evasion: strong, at_least: 1}
      - score: {insult: ">= 0.5", threat: "< 1"}
      - length: {characters: "> 3", words: ">= 0", lines: "== 2"}
      - shape: {capitals: ">= 0.7", letters: "> 3", repeated: "> 3", zalgo: "> 3", emoji: "> 3"}
      - links: {count: "> 1", domains: [a.com], not_domains: ["*.b.com"], invites: true}
      - mentions: {count: "> 1", everyone: false}
      - attachments: {count: "> 1", names: ["*.exe"]}
      - author:
          roles: [a]
          not_roles: [b]
          account_age: "< 7d"
          joined: "<2w"
          bot: false
          first_comment: true
          upheld: {count: "> 1", within: 30d}
      - reply: true
      - reply: {is_reply: false}
      - quoted: {is_quoted: true}
      - rate: {comments: "> 1", same_text: "> 1", within: 1m, per: channel}
      - rate: {matches: {rule: a.b-c, count: "> 1"}, within: 1m}
      - time: {between: "22:00-06:00", days: [mon, sun], zone: Europe/Berlin}
      - time: {days: mon}
    - not: {quoted: true}
  then: {action: hold, labels: [x], warn: true, timeout: 10m, kick: true, ban: true}
  reason: "x {match} {count} {score.insult:.2f} {score.insult} {{ {rule} {title} {level} {channel}"
  known_problems: none
  quota: {per_day: 5}
  examples:
    match:
    - plain text
    - text: cat
      scores: {insult: 0.5, threat: 1}
      reply: true
      quoted: true
      channel: a
      source: b
      author: {id: x, roles: [], bot: true, account_age: 1d, joined: 2h}
      attachments: [a.exe]
      mentions: []
      history: {comments: 1, same_text: 2, matches: {a: 1}, upheld: 0, ever: 3}
      at: 2024-02-29T10:00:00Z
    no_match: [a]
    todo_match: [b]
    todo_no_match: [c]
exceptions:
- {id: e, for: ["a.*"], words: [cat], list: l, reason: r, evasion: light, expires: 2028-02-29}
""")


def test_everything_the_language_has_is_accepted_by_both() -> None:
    assert loader_accepts(FULL) == (True, [])
    agree(FULL)
    agree(parsed(EXAMPLE_FILE))


def test_the_full_file_uses_every_condition() -> None:
    used: set[str] = set()

    def walk(when: dict[str, Any]) -> None:
        ((name, inner),) = when.items()
        used.add(name)
        for each in inner if name in {"all", "any"} else [inner] if name == "not" else []:
            walk(each)

    walk(FULL["rules"][0]["when"])
    assert used == {cls.name for cls in CONDITIONS}


def rule_with(when: Any) -> dict[str, Any]:
    return {"rules": [{"id": "a", "when": when, "then": {"action": "flag"}}]}


CORPUS: list[Any] = [
    {},
    [],
    {"rules": []},
    {"rules": [{}]},
    {"lists": {"l": []}},
    {"lists": {"L": ["a"]}},
    {"lists": {}},
    {"pack": {"name": "x"}},
    {"exceptions": [{"id": "a", "for": ["b"], "reason": "c"}]},
    {"exceptions": [{"id": "a", "for": [], "reason": "c", "words": "d"}]},
    {"exceptions": [{"id": "a", "for": ["b"], "reason": "c", "words": "d"}]},
    rule_with({}),
    rule_with([]),
    rule_with("x"),
    rule_with({"all": []}),
    rule_with({"all": {"reply": True}}),
    rule_with({"not": {}}),
    rule_with({"not": [{"reply": True}]}),
    rule_with({"reply": True, "quoted": True}),
    rule_with({"words": []}),
    rule_with({"words": ""}),
    rule_with({"words": " "}),
    rule_with({"words": {}}),
    rule_with({"words": {"evasion": "light"}}),
    rule_with({"words": {"entries": ["a"], "at_least": 1.0}}),
    rule_with({"words": {"entries": ["a"], "at_least": 1.5}}),
    rule_with({"words": {"entries": ["a"], "at_least": 0}}),
    rule_with({"words": ["a" * 200]}),
    rule_with({"words": ["a" * 201]}),
    rule_with({"score": {}}),
    rule_with({"score": {"1x": "> 1"}}),
    rule_with({"score": {"x": ">0.5"}}),
    rule_with({"score": {"x": ">  0.5"}}),
    rule_with({"score": {"x": "0.5"}}),
    rule_with({"score": {"x": 0.5}}),
    rule_with({"score": {"x": "> 0.5\n"}}),
    rule_with({"length": {"words": "> 0.5"}}),
    rule_with({"length": {}}),
    rule_with({"links": {}}),
    rule_with({"links": {"domains": ["https://a.com"]}}),
    rule_with({"rate": {"within": "1m"}}),
    rule_with({"rate": {"comments": "> 1"}}),
    rule_with({"rate": {"comments": "> 1", "within": "0m"}}),
    rule_with({"rate": {"comments": "> 1", "within": 60}}),
    rule_with({"time": {"zone": "UTC"}}),
    rule_with({"time": {"days": []}}),
    rule_with({"time": {"between": "24:00-06:00"}}),
    rule_with({"reply": 1}),
    rule_with({"reply": "true"}),
]


@pytest.mark.parametrize("data", CORPUS, ids=str)
def test_corpus(data: Any) -> None:
    agree(data)


@pytest.mark.parametrize(
    "reason",
    ["", "{", "}", "{{", "{match", "{x}", "{match:.2f}", "{score.a:.9f}", "{score.}", "a\n"],
)
def test_reasons(reason: str) -> None:
    data = rule_with({"reply": True})
    data["rules"][0]["reason"] = reason
    agree(data)


@pytest.mark.parametrize(
    "day",
    [
        "2023-02-29",
        "2024-02-29",
        "1900-02-29",
        "2000-02-29",
        "2024-04-31",
        "2024-12-31",
        "0000-01-01",
        "2024-1-1",
        "2024-13-01",
        "2024-00-10",
        "2024-01-00",
        "2024-01-32",
    ],
)
def test_days(day: str) -> None:
    agree({"exceptions": [{"id": "a", "for": ["b"], "reason": "c", "words": "d", "expires": day}]})


JUNK: list[Any] = [
    "",
    " ",
    "x",
    "*",
    "a\nb",
    "no",
    True,
    False,
    0,
    1,
    -1,
    0.5,
    1.0,
    2.5,
    10**10,
    [],
    {},
    ["x"],
    [1],
    {"x": 1},
    {"file": "x"},
    [[]],
    "> 1",
    ">= 0.5",
    "10m",
    "live",
    "none",
    [{"reply": True}],
    {"reply": True},
]
NAMES = ["x", "text", "words", "list", "evasion", "any", "bots", "reply", "is_reply", "count"]


def paths(data: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here]
    items = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    for key, value in items:
        found += paths(value, (*here, key))
    return found


PATHS = [path for path in paths(FULL) if path]


def changed(path: tuple[Any, ...], how: str, value: Any, name: str) -> Any:
    data = copy.deepcopy(FULL)
    parent = data
    for key in path[:-1]:
        parent = parent[key]
    target = parent[path[-1]]
    if how == "remove":
        del parent[path[-1]]
    elif how == "add" and isinstance(target, dict):
        target[name] = value
    elif how == "append" and isinstance(target, list):
        target.append(value)
    else:
        parent[path[-1]] = value
    return data


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
def test_every_place_judged_alike_without_it_and_with_junk(path: tuple[Any, ...]) -> None:
    agree(changed(path, "remove", None, ""))
    junk: tuple[Any, ...] = ({}, "", 1)
    for value in junk:
        agree(changed(path, "set", value, ""))


@given(
    st.sampled_from(PATHS),
    st.sampled_from(["add", "append", "set"]),
    st.sampled_from(JUNK)
    | st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf")), max_size=6),
    st.sampled_from(NAMES),
)
@settings(max_examples=100)
def test_mutations_are_judged_alike(path: tuple[Any, ...], how: str, value: Any, name: str) -> None:
    agree(changed(path, how, value, name))


def test_schema_is_itself_valid_and_tells_what_keys_mean() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    rule = SCHEMA["properties"]["rules"]["items"]
    assert all(each["description"] for each in rule["properties"].values())
