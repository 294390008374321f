"""Perspective's attributes, and which of them Gavel's labels can answer.

Lives here: the names, as the API published them, and what each is scored by. Not here: scores.
An attribute for which the model has no label is refused by name; no score is ever made up.
"""

from __future__ import annotations

import re
from types import MappingProxyType

_SCORED = {
    "TOXICITY": "toxicity",
    "SEVERE_TOXICITY": "severe_toxicity",
    "IDENTITY_ATTACK": "identity_attack",
    "INSULT": "insult",
    "PROFANITY": "obscene",
    "THREAT": "threat",
    "SEXUALLY_EXPLICIT": "sexual_explicit",
}

LABEL_OF = MappingProxyType(
    {
        **_SCORED,
        **{f"{name}_EXPERIMENTAL": label for name, label in _SCORED.items()},
        "TOXICITY_FAST": "toxicity",
        "OBSCENE": "obscene",
    }
)
"""Attribute → the label that answers it, where the model has that label."""

NEVER_SCORED = frozenset(
    {
        "FLIRTATION",
        # Trained on the decisions of one newspaper's moderators.
        "ATTACK_ON_AUTHOR",
        "ATTACK_ON_COMMENTER",
        "INCOHERENT",
        "INFLAMMATORY",
        "LIKELY_TO_REJECT",
        "SPAM",
        "UNSUBSTANTIAL",
        # What brings people together, and what drives them apart.
        "AFFINITY_EXPERIMENTAL",
        "COMPASSION_EXPERIMENTAL",
        "CURIOSITY_EXPERIMENTAL",
        "NUANCE_EXPERIMENTAL",
        "PERSONAL_STORY_EXPERIMENTAL",
        "REASONING_EXPERIMENTAL",
        "RESPECT_EXPERIMENTAL",
        "ALIENATION_EXPERIMENTAL",
        "FEARMONGERING_EXPERIMENTAL",
        "GENERALIZATION_EXPERIMENTAL",
        "MORAL_OUTRAGE_EXPERIMENTAL",
        "POWER_EXPERIMENTAL",
        "SCAPEGOATING_EXPERIMENTAL",
    }
)
"""Attributes that the API had and no label of Detoxify's answers."""

_NAME = re.compile(r"([A-Z_]+)(?:@[0-9]{1,9})?")


def base_name(requested: str) -> str | None:
    """Return the attribute's name without `@version`; `None` when the API never had it."""
    match = _NAME.fullmatch(requested)
    name = match.group(1) if match else ""
    return name if name in LABEL_OF or name in NEVER_SCORED else None
