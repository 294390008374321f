"""Authors made unknown in what commands write.

Lives here: `--redact` and the key that it uses. Not here: the hashing (`bot.archive.convert`).
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys

from bot.archive.convert import Redactor

REDACT_KEY = "GAVEL_REDACT_KEY"


def add_redact(parser: argparse.ArgumentParser) -> None:
    """Add `--redact`."""
    parser.add_argument(
        "--redact",
        action="store_true",
        help=f"replace authors and @mentions by hashes, keyed by {REDACT_KEY} or else by a new key;"
        " names without an @ stay in the texts",
    )


def redactor() -> Redactor:
    """Return a redactor with the key of the environment, else with a new one, which is told."""
    key = os.environ.get(REDACT_KEY, "")
    sys.stderr.write(
        "Names that people wrote without an @ stay in the texts: look before sharing.\n"
    )
    if not key:
        key = secrets.token_hex(16)
        sys.stderr.write(
            f"Authors are replaced by hashes with a new key. To name them alike in later files, set"
            f" {REDACT_KEY}={key}; whoever has the key can test guesses.\n"
        )
    return Redactor(key.encode())
