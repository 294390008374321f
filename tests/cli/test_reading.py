"""How far a long run is, for somebody who watches a log instead of a bar."""

from __future__ import annotations

import io
import re
import time
from contextlib import redirect_stderr

import pytest

from bot.cli.reading import plain_progress, progress_bar


class Log(io.StringIO):
    def until(self, text: str) -> str:
        """Return all that was written, once `text` is among it."""
        end = time.monotonic() + 60
        while text not in self.getvalue():
            assert time.monotonic() < end, self.getvalue()
            time.sleep(0.005)
        return self.getvalue()


def test_without_a_terminal_lines_tell_how_far_it_is_also_before_the_first_batch() -> None:
    log = Log()
    with redirect_stderr(log), plain_progress(every=0.01) as advance:
        log.until("done so far: 0\n")
        advance(1_000)
        advance(234)
        said = log.until("done so far: 1,234\n")
    assert all(
        re.fullmatch(r"Screening for \d+ s; done so far: [\d,]+", line)
        for line in said.splitlines()
    )
    written = log.getvalue()
    time.sleep(0.05)
    assert log.getvalue() == written


def test_a_short_run_without_a_terminal_says_nothing() -> None:
    log = Log()
    with redirect_stderr(log), progress_bar(10) as advance:
        advance(10)
    assert log.getvalue() == ""


def test_what_fails_meanwhile_is_not_hidden() -> None:
    log = Log()
    with pytest.raises(ZeroDivisionError), redirect_stderr(log), plain_progress(every=60):
        raise ZeroDivisionError
    assert log.getvalue() == ""
