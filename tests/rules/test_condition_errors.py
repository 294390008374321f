"""What is wrong with a condition, compared as the whole text that its author sees."""

import pytest

from tests.rules.making import LABELS, problems

WRONG = {
    "empty words": (
        "rules: [{id: a, when: {words: []}, then: {action: flag}}]",
        """\
rules.yaml:1:31: error: "words" is empty
 1 | rules: [{id: a, when: {words: []}, then: {action: flag}}]
   |                               ^""",
    ),
    "empty all": (
        "rules: [{id: a, when: {all: []}, then: {action: flag}}]",
        """\
rules.yaml:1:29: error: "all" is empty
 1 | rules: [{id: a, when: {all: []}, then: {action: flag}}]
   |                             ^""",
    ),
    "empty not": (
        "rules: [{id: a, when: {not: {}}, then: {action: flag}}]",
        """\
rules.yaml:1:29: error: "not" is empty
 1 | rules: [{id: a, when: {not: {}}, then: {action: flag}}]
   |                             ^""",
    ),
    "unknown condition": (
        "rules: [{id: a, when: {wrods: [x]}, then: {action: flag}}]",
        """\
rules.yaml:1:24: error: there is no condition "wrods"
 1 | rules: [{id: a, when: {wrods: [x]}, then: {action: flag}}]
   |                        ^^^^^
   = hint: did you mean "words"?""",
    ),
    "several conditions": (
        "rules: [{id: a, when: {reply: true, quoted: true}, then: {action: flag}}]",
        """\
rules.yaml:1:37: error: "when" holds several conditions
 1 | rules: [{id: a, when: {reply: true, quoted: true}, then: {action: flag}}]
   |                                     ^^^^^^
   = hint: put them into a list under "all" or "any\"""",
    ),
    "wild card alone": (
        "rules: [{id: a, when: {words: [cat, '*']}, then: {action: flag}}]",
        """\
rules.yaml:1:37: error: the entry "*" would match every text
 1 | rules: [{id: a, when: {words: [cat, '*']}, then: {action: flag}}]
   |                                     ^^^
   = hint: write the letters that a word must hold""",
    ),
    "number among words": (
        "rules: [{id: a, when: {words: [911]}, then: {action: flag}}]",
        """\
rules.yaml:1:32: error: an entry of "words" must be a word or phrase, not the number 911
 1 | rules: [{id: a, when: {words: [911]}, then: {action: flag}}]
   |                                ^^^
   = hint: write "911" in quotes""",
    ),
    "label that the model lacks": (
        "rules: [{id: a, when: {score: {insutl: '>= 0.5'}}, then: {action: flag}}]",
        """\
rules.yaml:1:40: error: the model has no label "insutl"
 1 | rules: [{id: a, when: {score: {insutl: '>= 0.5'}}, then: {action: flag}}]
   |                                        ^^^^^^^^
   = hint: did you mean "insult"?""",
    ),
    "threshold without operator": (
        "rules: [{id: a, when: {score: {insult: 0.5}}, then: {action: flag}}]",
        """\
rules.yaml:1:40: error: "insult" in "score" must be a comparison like ">= 0.85", not the number 0.5
 1 | rules: [{id: a, when: {score: {insult: 0.5}}, then: {action: flag}}]
   |                                        ^^^
   = hint: write ">= 0.5\"""",
    ),
    "threshold in percent": (
        "rules: [{id: a, when: {score: {insult: '> 80%'}}, then: {action: flag}}]",
        """\
rules.yaml:1:40: error: "insult" in "score" must be a comparison like ">= 0.85", not the text \
"> 80%"
 1 | rules: [{id: a, when: {score: {insult: '> 80%'}}, then: {action: flag}}]
   |                                        ^^^^^^^
   = hint: write "> 0.8\"""",
    ),
    "count in percent": (
        "rules: [{id: a, when: {links: {count: '> 80%'}}, then: {action: flag}}]",
        """\
rules.yaml:1:39: error: "count" must be a comparison like ">= 3", not the text "> 80%"
 1 | rules: [{id: a, when: {links: {count: '> 80%'}}, then: {action: flag}}]
   |                                       ^^^^^^^""",
    ),
    "regex beyond RE2": (
        r"rules: [{id: a, when: {regex: 'ab(?=c)'}, then: {action: flag}}]",
        """\
rules.yaml:1:34: error: RE2 has no place for a look-ahead
 1 | rules: [{id: a, when: {regex: 'ab(?=c)'}, then: {action: flag}}]
   |                                  ^
   = hint: list what must follow in the expression itself""",
    ),
    "list that is not there": (
        """\
        lists: {insults: [muppet]}
        rules: [{id: a, when: {words: {list: insult}}, then: {action: flag}}]
        """,
        """\
rules.yaml:2:38: error: this file has no list "insult"
 2 | rules: [{id: a, when: {words: {list: insult}}, then: {action: flag}}]
   |                                      ^^^^^^
   = hint: did you mean "insults"?""",
    ),
    "list file that is not there": (
        """\
        lists: {insults: {file: lists/gone.txt}}
        rules: [{id: a, when: {words: {list: insults}}, then: {action: flag}}]
        """,
        """\
rules.yaml:1:25: error: the list file lists/gone.txt is not there
 1 | lists: {insults: {file: lists/gone.txt}}
   |                         ^^^^^^^^^^^^^^
   = hint: looked for lists/gone.txt""",
    ),
    "list file elsewhere": (
        """\
        lists: {insults: {file: ../../etc/passwd}}
        rules: [{id: a, when: {words: {list: insults}}, then: {action: flag}}]
        """,
        """\
rules.yaml:1:25: error: ../../etc/passwd lies outside the folder of the rules
 1 | lists: {insults: {file: ../../etc/passwd}}
   |                         ^^^^^^^^^^^^^^^^
   = hint: keep lists beside the rules that use them""",
    ),
    "rule of a rate": (
        """\
        rules:
        - id: a
          when: {rate: {matches: {rule: b, count: '> 1'}, within: 1h}}
          then: {action: flag}
        """,
        """\
rules.yaml:3:33: error: there is no rule "b"
 3 |   when: {rate: {matches: {rule: b, count: '> 1'}, within: 1h}}
   |                                 ^""",
    ),
    "window without count": (
        "rules: [{id: a, when: {rate: {within: 1h}}, then: {action: flag}}]",
        """\
rules.yaml:1:30: error: "rate" needs one of the keys "comments", "same_text", "matches"
 1 | rules: [{id: a, when: {rate: {within: 1h}}, then: {action: flag}}]
   |                              ^""",
    ),
    "time zone": (
        "rules: [{id: a, when: {time: {days: sat, zone: Europe/Berlinn}}, then: {action: flag}}]",
        """\
rules.yaml:1:48: error: "zone" must be a time zone, not the text "Europe/Berlinn"
 1 | rules: [{id: a, when: {time: {days: sat, zone: Europe/Berlinn}}, then: {action: flag}}]
   |                                                ^^^^^^^^^^^^^^
   = hint: did you mean "Europe/Berlin"?""",
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_wrong_condition_says_what_where_and_how_to_mend_it(text: str, expected: str) -> None:
    assert problems(text, LABELS) == expected
