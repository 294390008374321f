"""The systemd unit for this installation.

Lives here: which program the unit starts. Not here: all else that it says
(`bot/samples/gavel.service`).
"""

from __future__ import annotations

import sys
from pathlib import Path

import bot

_USUAL = "/usr/local/bin/gavel run"
_HOMES = (Path("/home"), Path("/root"))


def unit(called: str) -> str:
    """Return the packaged unit, for the program that was `called`; warn of one in a home."""
    template = (Path(bot.__file__).parent / "samples" / "gavel.service").read_text(encoding="utf-8")
    program = Path(called).absolute()
    if program.name != "gavel":
        program = Path(sys.executable).with_name("gavel")
    if any(program.is_relative_to(home) for home in _HOMES):
        sys.stderr.write(
            f"{program} lies in a home folder, where a service cannot read it; install Gavel"
            " elsewhere, such as under /opt.\n"
        )
    # A % of the path would be one of systemd's own.
    return template.replace(_USUAL, f'"{str(program).replace("%", "%%")}" run')
