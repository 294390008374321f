"""The rule language: loading, evaluating, explaining, checking and documenting rules.

Lives here: all that a rule set is and does. `load_rules` reads a folder into a `RuleSet`, whose
`evaluate` answers for one comment from its facts alone. Not here: folding (`bot.text`), scores
(`bot.scoring`), and what a verdict is (`bot.verdict`).
"""

from bot.rules.apart import Apart
from bot.rules.edits import edits_between
from bot.rules.examples import ExampleResult, run_examples
from bot.rules.lint import check_rules
from bot.rules.loader import load_rules, read_rules
from bot.rules.reload import Reloaded, RuleBook
from bot.rules.ruleset import LoadedRule, RuleSet
from bot.rules.trace import RuleTrace, Step

__all__ = [
    "Apart",
    "ExampleResult",
    "LoadedRule",
    "Reloaded",
    "RuleBook",
    "RuleSet",
    "RuleTrace",
    "Step",
    "check_rules",
    "edits_between",
    "load_rules",
    "read_rules",
    "run_examples",
]
