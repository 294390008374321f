"""Rules of other automods: what is carried, what is noted, and that all of it loads."""

import json
import textwrap

import pytest

from bot.errors import UserError
from bot.model import Action, RuleStatus
from bot.rules import RuleSet
from bot.rules.imports import FORMATS, Imported
from tests.rules.making import facts, matched, ruleset


def imported(format_name: str, text: str) -> tuple[RuleSet, list[str]]:
    made = FORMATS[format_name](text, "old.txt")
    return ruleset(made.text), [note.message for note in made.notes]


def live(text: str) -> RuleSet:
    """Return the rules as if a moderator had switched them on."""
    return ruleset(text.replace("status: shadow", "status: live").replace("draft", "live"))


# --- word list -------------------------------------------------------------------------------


def test_word_list() -> None:
    rules, notes = imported("words", "# mine\ncat\n\nno\n  big   dog \n*\ncat\n")
    assert notes == ['the entry "*" cannot be carried']
    (rule,) = rules.rules
    assert (rule.id, rule.status, rule.action) == ("imported.old", RuleStatus.SHADOW, Action.FLAG)
    assert matched(rules, facts("a big dog, no")) == ["imported.old"]


def test_empty_word_list_makes_no_file() -> None:
    assert FORMATS["words"]("# nothing\n", "a.txt") == Imported("", 0, ())


# --- Discord ---------------------------------------------------------------------------------

AUTOMOD = [
    {
        "id": "1",
        "name": "Bad Words!",
        "trigger_type": 1,
        "trigger_metadata": {
            "keyword_filter": ["cat", "dog*", "*cow*"],
            "regex_patterns": ["b[ai]rd", "(?=x)"],
            "allow_list": ["coward"],
        },
        "actions": [
            {"type": 1, "metadata": {"custom_message": "no"}},
            {"type": 2, "metadata": {"channel_id": "5"}},
            {"type": 3, "metadata": {"duration_seconds": 600}},
        ],
        "enabled": True,
        "exempt_roles": ["77"],
        "exempt_channels": [],
    },
    {"name": "Spam", "trigger_type": 3, "actions": [], "enabled": True},
    {"name": "Presets", "trigger_type": 4, "trigger_metadata": {"presets": [1, 3]}, "actions": []},
    {
        "name": "Mentions",
        "trigger_type": 5,
        "trigger_metadata": {"mention_total_limit": 4},
        "actions": [{"type": 2}],
        "enabled": False,
    },
]


def test_discord() -> None:
    rules, notes = imported("discord", json.dumps(AUTOMOD))
    assert [(rule.id, rule.status, rule.action) for rule in rules.rules] == [
        ("discord.bad-words", RuleStatus.DRAFT, Action.REMOVE),
        ("discord.mentions", RuleStatus.DRAFT, Action.FLAG),
    ]
    assert [effect.kind for effect in rules.rules[0].effects] == ["timeout"]
    assert notes == [
        "the regex (?=x) cannot be carried: RE2 has no place for a look-ahead",
        '"Bad Words!" leaves out roles by number: 77',
        '"Spam" uses Discord\'s own spam filter',
        '"Presets" uses Discord\'s own lists (profanity, slurs)',
    ]
    on = live(FORMATS["discord"](json.dumps(AUTOMOD), "x").text)
    assert matched(on, facts("dogs")) == ["discord.bad-words"]
    assert matched(on, facts("coward")) == []
    assert matched(on, facts("a bird")) == ["discord.bad-words"]
    assert matched(on, facts("<@1> <@2> <@3> <@4> <@5>")) == ["discord.mentions"]


@pytest.mark.parametrize("text", ["{", "3", "[{}]", '{"a": 1}', "[" * 100_000])
def test_what_is_not_discords_is_refused(text: str) -> None:
    with pytest.raises(UserError, match=r"not JSON|not a list of Discord|nested too deep"):
        FORMATS["discord"](text, "x.json")


# --- Reddit ----------------------------------------------------------------------------------

AUTOMODERATOR = textwrap.dedent("""\
    # our rules
    ---
    type: comment
    title+body: ["cat", no, "dog's"]
    action: filter
    action_reason: "Pets: [{{match}}]"
    ---
    body (includes, regex): ['b[ai]rd', 'a(?!b)']
    author:
        account_age: "< 3 days"
        combined_karma: "< 10"
    action: remove
    ---
    ~body (starts-with): "hello"
    body_shorter_than: 20
    domain: [example.com]
    action: report
    comment: Please do not.
    ---
    body: [x]
    action: approve
    ---
    title: [only]
    body: [one]
    body: [two]
    action: remove
    """)


def test_automoderator() -> None:
    rules, notes = imported("automoderator", AUTOMODERATOR)
    assert [(rule.id, rule.status, rule.action) for rule in rules.rules] == [
        ("automoderator.line-14", RuleStatus.SHADOW, Action.FLAG),
        ("automoderator.line-8", RuleStatus.DRAFT, Action.REMOVE),
        ("automoderator.pets-match", RuleStatus.SHADOW, Action.HOLD),
    ]
    assert notes == [
        "the regex a(?!b) cannot be carried: RE2 has no place for a negative look-ahead",
        "the check of the author's combined_karma cannot be carried",
        "the text of comment is not carried",
        "action approve has no like here; the rule is left out",
        'the key "body" stands here twice',
    ]
    assert rules.rules[-1].title == "Pets"
    on = live(FORMATS["automoderator"](AUTOMODERATOR, "x").text)
    assert matched(on, facts("it is no use")) == ["automoderator.pets-match"]
    assert matched(on, facts("example.com/a")) == ["automoderator.line-14"]
    assert matched(on, facts("hello example.com/a")) == []


# --- Zeppelin --------------------------------------------------------------------------------

ZEPPELIN = textwrap.dedent("""\
    plugins:
      automod:
        config:
          rules:
            bad_words:
              enabled: true
              affects_bots: true
              triggers:
              - match_words:
                  words: ["cat", yes]
                  only_full_words: false
                  normalize: true
              - match_regex:
                  patterns: ['b[ai]rd', '(x)\\1']
              - match_invites: {include_guilds: ["1"]}
              actions:
                clean: true
                mute: {duration: "30m"}
                set_slowmode: {}
            spam:
              triggers:
              - message_spam: {amount: 5, within: 10s}
              - emoji_spam: {amount: 5, within: 10s}
              actions: {alert: {channel: "1"}, warn: {reason: x}}
            off:
              enabled: false
              triggers:
              - match_links: {include_domains: [example.com]}
              - match_attachment_type: {filetype_blacklist: [exe]}
              actions: {kick: {}}
    """)


def test_zeppelin() -> None:
    rules, notes = imported("zeppelin", ZEPPELIN)
    assert [(rule.id, rule.status, rule.action) for rule in rules.rules] == [
        ("zeppelin.bad-words", RuleStatus.DRAFT, Action.REMOVE),
        ("zeppelin.off", RuleStatus.DRAFT, Action.FLAG),
        ("zeppelin.spam", RuleStatus.DRAFT, Action.FLAG),
    ]
    assert notes == [
        "the regex (x)\\1 cannot be carried: RE2 has no place for a back reference",
        "match_invites: include_guilds cannot be carried",
        "the action set_slowmode cannot be carried",
        "the trigger emoji_spam cannot be carried",
    ]
    on = live(FORMATS["zeppelin"](ZEPPELIN, "x").text)
    assert matched(on, facts("concatenate")) == ["zeppelin.bad-words"]
    assert matched(on, facts("https://example.com", attributes={"attachments": ()})) == [
        "zeppelin.off"
    ]


@pytest.mark.parametrize("text", ["a: 1\n", "rules: [1]\n", "- a\n"])
def test_what_is_not_zeppelins_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="no automod rules of Zeppelin"):
        FORMATS["zeppelin"](text, "x.yaml")


@pytest.mark.parametrize("text", ["a: [", "rules: &x {}\n", "rules: *x\n"])
def test_yaml_that_cannot_be_read_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(UserError, match=r"x\.yaml:1:"):
        FORMATS["zeppelin"](text, "x.yaml")
