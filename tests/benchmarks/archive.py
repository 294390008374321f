"""Bars of the archive readers: `python -m tests.benchmarks.archive [--rows N] [--gigabytes N]`.

Prints comments a second of processor time for generated JSON lines and Reddit dumps, plain and
compressed, beside bare `json.loads` of the same lines in the same run; peak memory of a small and
a larger dump, each in a process of its own; and what is found in the real threads, where they lie
beside `GAVEL_DATA`. `--fuzz SECONDS` damages every fixture in many ways instead, and prints every
exception, the slowest reading and how memory grew.
"""

from __future__ import annotations

import argparse
import gzip
import io
import itertools
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import zstandard

from bot.archive import open_archive
from bot.errors import UserError
from bot.model import Comment
from bot.replay import few_collections
from tests.archive.samples import FIXTURES

DATA = Path(os.environ.get("GAVEL_DATA", "../shared/data"))
WORDS = ("market", "moves", "station", "yard", "nobody", "asked", "rain", "does", "there", "spring")


# --- speed and memory ------------------------------------------------------------------------


def text(number: int) -> str:
    """Return a text of about two hundred letters."""
    chance = random.Random(number)
    return " ".join(chance.choices(WORDS, k=40))


TEXTS = [text(number) for number in range(500)]


def generic_row(number: int) -> dict[str, object]:
    return {
        "id": f"c{number}",
        "author": f"user{number % 5000}",
        "created_at": "2024-05-01T12:00:00Z",
        "parent_id": f"c{number - 1}" if number % 3 else None,
        "thread_id": f"t{number // 20}",
        "text": TEXTS[number % len(TEXTS)],
    }


def reddit_row(number: int) -> dict[str, object]:
    """Return a row with the fields that dumps have had since 2018, most of them of no use here."""
    return {
        "author": f"user{number % 5000}",
        "author_flair_css_class": None,
        "author_flair_text": None,
        "body": TEXTS[number % len(TEXTS)],
        "can_gild": True,
        "controversiality": 0,
        "created_utc": 1700000000 + number,
        "distinguished": None,
        "edited": False,
        "gilded": 0,
        "id": f"k{number}",
        "is_submitter": False,
        "link_id": f"t3_{number // 20}",
        "parent_id": f"t1_k{number - 1}" if number % 20 else f"t3_{number // 20}",
        "permalink": f"/r/gardening/comments/{number // 20}/turnips/k{number}/",
        "retrieved_on": 1700000100,
        "score": 5,
        "stickied": False,
        "subreddit": "gardening",
        "subreddit_id": "t5_2qh1i",
        "subreddit_type": "public",
    }


def dump(path: Path, row: Callable[[int], dict[str, object]], size: int) -> None:
    """Write rows until the file has `size` bytes; later rows repeat earlier ones with new ids."""
    with path.open("w", encoding="utf-8") as out:
        for number in itertools.count():
            out.write(json.dumps(row(number)) + "\n")
            if number % 1000 == 0 and out.tell() >= size:
                return


def seconds(work: Callable[[], int]) -> tuple[int, float]:
    """Return what `work` counted and the processor time it took, the best of three."""
    best = float("inf")
    count = 0
    with few_collections():  # as commands that read archives do
        for _ in range(3):
            start = time.process_time()
            count = work()
            best = min(best, time.process_time() - start)
    return count, best


def count_comments(path: Path) -> int:
    return sum(isinstance(item, Comment) for item in open_archive(path))


def bare(path: Path) -> int:
    with path.open(encoding="utf-8") as lines:
        return sum(1 for line in lines if json.loads(line))


def speed(folder: Path, rows: int) -> None:
    for name, row in (("JSON lines", generic_row), ("Reddit dump", reddit_row)):
        path = folder / "dump"
        path.write_text("".join(json.dumps(row(n)) + "\n" for n in range(rows)), encoding="utf-8")
        count, taken = seconds(lambda path=path: count_comments(path))  # type: ignore[misc]
        _, least = seconds(lambda path=path: bare(path))  # type: ignore[misc]
        print(
            f"{name:<28}{count / taken:>12,.0f} comments/s  {taken / least:5.2f} times json.loads"
            "   bar: 100,000"
        )
        packed = folder / "dump.zst"
        packed.write_bytes(zstandard.compress(path.read_bytes()))
        count, taken = seconds(lambda packed=packed: count_comments(packed))  # type: ignore[misc]
        print(f"{name + ', zst':<28}{count / taken:>12,.0f} comments/s")


def memory(folder: Path, gigabytes: float) -> None:
    """Print the peak memory of reading a dump and of one ten times its size."""
    path = folder / "dump"
    for size in (gigabytes / 10, gigabytes):
        dump(path, reddit_row, int(size * 1e9))
        code = f"from tests.benchmarks.archive import *; count_comments(Path({str(path)!r}))"
        pid = os.posix_spawn(sys.executable, [sys.executable, "-c", code], os.environ)
        _, _, usage = os.wait4(pid, 0)
        print(f"peak memory, {size:6.2f} GB dump   {usage.ru_maxrss / 1024:8.0f} MiB   bar: flat")


def real(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            archive, count, problems = open_archive(path), 0, 0
            for item in archive:
                count += isinstance(item, Comment)
                problems += not isinstance(item, Comment)
            threads = len(archive.threads)
            print(
                f"{path.name:<28}{archive.format:<14}{count:>7,} comments  {threads:>5,} titles"
                f"  {problems} problems"
            )


# --- fuzzing ---------------------------------------------------------------------------------

Damage = Callable[[random.Random, bytes], bytes]


def flip(chance: random.Random, data: bytes) -> bytes:
    damaged = bytearray(data)
    for _ in range(chance.randint(1, 20)):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return bytes(damaged)


def cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data))]


def splice(chance: random.Random, data: bytes) -> bytes:
    start, end, place = (chance.randrange(len(data)) for _ in range(3))
    return data[:place] + data[min(start, end) : max(start, end)] + data[place:]


def repeat(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data))
    piece = chance.choice(
        [b"[", b"{", b'{"a":', b"<x>", b"<", b'"', b"\\", b"&", b"9", b"\n", b",", b"> "]
    )
    return data[:place] + piece * chance.choice([1, 100, 100_000]) + data[place:]


def insert(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data))
    piece = chance.choice(
        [
            b"\0",
            b"\xff\xfe",
            b"\\ud800",
            b"\\u0000",
            b"&#0;",
            b"1e999",
            b"NaN",
            b"<!DOCTYPE x>",
            b"<![CDATA[",
            b"]]>",
            b"\xe2\x80\xae",
            b"null",
            b"\xed\xa0\x80",
        ]
    )
    return data[:place] + piece + data[place:]


def encode(chance: random.Random, data: bytes) -> bytes:
    encoding = chance.choice(["utf-16", "utf-16-le", "utf-32", "cp1252", "utf-7", "cp1251"])
    return data.decode("utf-8", "replace").encode(encoding, "replace")


def pack(chance: random.Random, data: bytes) -> bytes:
    kind = chance.randrange(3)
    if kind == 0:
        return gzip.compress(data)
    if kind == 1:
        return zstandard.compress(data)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(chance.choice(["a", "../a", "users.json", "a/2024-01-01.json"]), data)
    return buffer.getvalue()


DAMAGES: tuple[Damage, ...] = (flip, cut, splice, repeat, insert, encode, pack)


def damaged(chance: random.Random, seeds: list[bytes]) -> bytes:
    data = chance.choice(seeds)
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(DAMAGES)(chance, data or b" ")
    return data


class HangError(Exception):
    """One reading took longer than any small file may."""


def too_slow(*_: object) -> None:
    raise HangError


def fuzz(folder: Path, length: float, seed: int) -> None:
    seeds = [path.read_bytes() for path in sorted(FIXTURES.rglob("*")) if path.is_file()]
    chance = random.Random(seed)
    path = folder / "something"
    signal.signal(signal.SIGALRM, too_slow)
    begun, tries, failures, slowest = time.monotonic(), 0, 0, 0.0
    peak_at_half = 0.0
    while (passed := time.monotonic() - begun) < length:
        # The first half meets the largest inputs; only a leak grows on and on.
        if passed < length / 2:
            peak_at_half = peak_memory()
        path.write_bytes(damaged(chance, seeds))
        start = time.perf_counter()
        if not survives(path):
            failures += 1
            kept = Path(tempfile.gettempdir()) / f"gavel-fuzz-{seed}-{tries}"
            kept.write_bytes(path.read_bytes())
            print(f"try {tries}: kept as {kept}")
        slowest = max(slowest, time.perf_counter() - start)
        tries += 1
    print(
        f"{tries:,} damaged archives, {failures} exceptions, slowest {slowest:.2f} s, peak memory"
        f" {peak_memory():.0f} MiB, {peak_at_half:.0f} at half time"
        "   bar: 0 exceptions, no hang, no growth"
    )


def peak_memory() -> float:
    """Return the peak so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def survives(path: Path) -> bool:
    """Read an archive within twenty seconds; print any exception."""
    signal.alarm(20)
    try:
        consume(path)
    except Exception:  # noqa: BLE001 - any exception is what is looked for
        traceback.print_exc()
        return False
    finally:
        signal.alarm(0)
    return True


def consume(path: Path) -> None:
    try:
        items: Iterator[object] = iter(open_archive(path))
        for item in items:
            if isinstance(item, Comment):
                item.text.encode("utf-8")
                item.id.encode("utf-8")
                item.author.name.encode("utf-8")
    except UserError as error:
        error.render()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--gigabytes", type=float, default=0.5)
    parser.add_argument("--fuzz", type=float, metavar="SECONDS")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if args.fuzz:
            fuzz(folder, args.fuzz, args.seed)
            return
        # A child's peak counts its parent's size at the start: memory comes first.
        memory(folder, args.gigabytes)
        speed(folder, args.rows)
    if (threads := DATA.parent / "threads").is_dir():
        real(threads)


if __name__ == "__main__":
    main()
