"""Bars of comparing: `python -m tests.benchmarks.compare [--rows N] [--model NAME] [--history]`.

Generates an archive of distinct comments, one in thirty of them rude, and remembers a made-up score
for each in a cache of its own. Prints wall seconds, processor seconds and peak memory of `gavel
compare` with all its processes, between the starter rules and a copy with lower thresholds and a
few other words; then how many comments one core reads, and how many it screens with every score
remembered. With `--history`, rules ask about earlier comments too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bot.app import offline_pipeline
from bot.archive import open_archive
from bot.config import CacheSettings, ModelSettings, Settings
from bot.model import Comment, ModelInfo, Scores
from bot.pipeline import Pipeline
from bot.replay import few_collections, replay
from bot.scoring import open_scorer
from bot.store.score_cache import SqliteScoreCache

ROOT = Path(__file__).parent.parent.parent
RULES = ROOT / "rules"
LENGTHS = (3, 6, 10, 20, 40)
_COMMON = (
    "the of and a to in is that it was for on are with as they be at one have this from by but"
    " what some we can out other were all there when up use how said an each which do their time"
    " if will way about many then them write would like so these her long make thing see him two"
    " has look more day could go come did number sound no most people over know water than call"
    " first who may down side been now find any new work part take get place made live where after"
    " back little only round man year came show every good me give our under name very through"
    " just form sentence great think say help low line differ turn cause much mean before move"
    " right boy old too same tell does set three want air well also play small end put home read"
    " hand port large spell add even land here must big high such follow act why ask men change"
    " went light kind off need house picture try us again animal point mother world near build"
)
WORDS = _COMMON.split()


def row(number: int, chance: random.Random) -> dict[str, object]:
    """Return a comment of 25 to 250 letters; there are 20,000 authors, threads of fifty."""
    text = " ".join(chance.choices(WORDS, k=chance.choice(LENGTHS))).capitalize() + "."
    text += f" And {' '.join(chance.choices(WORDS, k=4))} again{chance.choice('.?!,')}"
    if number % 30 == 0:
        text += chance.choice((" You are an idiot.", " What the fuck?", " Shut up, moron!"))
    seconds = 1_700_000_000 + number * 3
    return {
        "id": f"c{number}",
        "author": f"user{chance.randrange(20_000)}",
        "created_at": seconds,
        "thread_id": f"t{number // 50}",
        "parent_id": f"c{number - 1}" if number % 50 else None,
        "text": text,
    }


def write_archive(path: Path, rows: int) -> None:
    chance = random.Random(1)
    with path.open("w", encoding="utf-8") as out:
        for number in range(rows):
            out.write(json.dumps(row(number, chance)) + "\n")


def comments(path: Path) -> Iterator[Comment]:
    return (item for item in open_archive(path) if isinstance(item, Comment))


def write_scores(path: Path, archive: Path, model: ModelInfo) -> None:
    """Remember scores, most of them low, for every comment."""
    cache = SqliteScoreCache(path, 1 << 36)
    chance = random.Random(2)
    held: dict[str, Scores] = {}
    for comment in comments(archive):
        top = chance.betavariate(0.3, 6)
        values = {label: top * chance.random() for label in model.labels}
        held[comment.text] = Scores(model.id, model.revision, values)
        if len(held) == 20_000:
            cache.put_many(model, held)
            held = {}
    cache.put_many(model, held)
    cache.close()


def write_rules(folder: Path, *, history: bool) -> tuple[Path, Path]:
    """Copy the starter rules twice, the second time with lower thresholds."""
    old, new = folder / "old", folder / "new"
    for made in (old, new):
        shutil.copytree(RULES, made)
        for file in made.rglob("*.yaml"):
            text = file.read_text(encoding="utf-8")
            if made == new:
                text = text.replace(">= 0.65", ">= 0.5").replace(">= 0.9", ">= 0.8")
            if history:
                text = text.replace("sources: [discord", "sources: [archive, discord")
            file.write_text(text, encoding="utf-8")
    words = next(new.rglob("profanity-mild.txt"))
    words.write_text(words.read_text(encoding="utf-8") + "nonsense\nrubbish\n", encoding="utf-8")
    return old, new


async def screened(pipeline: Pipeline, archive: Path) -> int:
    count = 0
    async for _ in replay(comments(archive), pipeline):
        count += 1
    return count


async def rate(archive: Path, home: Path, rules: Path, model: str) -> None:
    settings = Settings(
        rules=str(rules),
        model=ModelSettings(name=model),
        cache=CacheSettings(folder=str(home), megabytes=1 << 16),
    )
    start = time.process_time()
    count = sum(1 for _ in comments(archive))
    reading = time.process_time() - start
    async with offline_pipeline(settings, score_all=False) as pipeline:
        start = time.process_time()
        with few_collections():
            await screened(pipeline, archive)
        whole = time.process_time() - start
    print(f"reading                        {count / reading:>10,.0f} comments/s of one core")
    print(
        f"reading, rules, cached scores  {count / whole:>10,.0f} comments/s of one core"
        f"   {whole / reading:.1f} times reading   bar: 50,000"
    )


def compare(archive: Path, home: Path, rules: tuple[Path, Path], model: str) -> None:
    words = ["compare", *map(str, rules), str(archive), "--model", model]
    words += ["--report", str(home / "report.html")]
    start = time.perf_counter()
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "bot", *words],
        {**os.environ, "GAVEL_HOME": str(home)},
    )
    peak = 0
    while (done := os.wait4(pid, os.WNOHANG))[0] == 0:
        peak = max(peak, resident(pid))
        time.sleep(0.2)
    _, status, usage = done
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit("gavel compare failed")
    print(
        f"gavel compare   {time.perf_counter() - start:6.1f} s, processor"
        f" {usage.ru_utime + usage.ru_stime:6.1f} s, peak {peak / 1024:6.0f} MiB of all processes"
        "   bar for 1,000,000: 30 s, 2,000 MiB"
    )


def resident(pid: int) -> int:
    """Return the KiB that a process and its children hold; 0 where /proc does not tell."""
    processes = Path("/proc")
    own = 0
    for each in (pid, *children(pid)):
        with suppress(OSError):
            lines = (processes / str(each) / "status").read_text(encoding="utf-8").splitlines()
            own += sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    return own


def children(pid: int) -> list[int]:
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    except OSError:
        return []
    return [int(word) for word in told.split()]


def main() -> None:
    """Generate and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--model", default="compact")
    parser.add_argument("--history", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        archive = home / "archive.jsonl"
        write_archive(archive, args.rows)
        write_scores(home / "scores.sqlite", archive, open_scorer(args.model).model)
        rules = write_rules(home, history=args.history)
        compare(archive, home, rules, args.model)
        asyncio.run(rate(archive, home, rules[0], args.model))


if __name__ == "__main__":
    main()
