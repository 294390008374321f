"""Speed, agreement and memory of scoring, all ratios from one run on this machine.

    python -m tests.benchmarks.scoring [--texts N] [--only compact|base] [--data FILE]

`compact` is the shipped model; `base` is a BERT of base size with random weights, made here: it
counts for speed and memory, while agreement needs trained weights and is printed for `compact`.
Comments come from `GAVEL_DATA` (default ../shared/data) `/dev/jigsaw_slice*`, cut to the length of
news comments. Contended processors give noise: run it when nothing else does.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
import transformers

from bot.model import ModelInfo, Priority
from bot.scoring.agreement import compare
from bot.scoring.catalogue import COMPACT, ModelFiles, find
from bot.scoring.engine import Engine, Precision
from bot.scoring.loading import load_fast, load_reference
from bot.scoring.reference import load_detoxify
from bot.scoring.scorer import ModelScorer
from bot.scoring.tokens import Window
from tests.scoring import tiny

NEWS_LENGTH = 2000
"""Characters of a news comment, at most."""

SAMPLE = 200
"""Comments of a timed run."""


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--naive", type=int, default=40, help="texts for Detoxify's predict")
    parser.add_argument("--only", choices=("compact", "base"))
    parser.add_argument("--data", type=Path)
    args = parser.parse_args()
    texts = comments(args.data)[: args.texts]
    print(f"load before: {os.getloadavg()[0]:.1f}; {len(texts)} comments")
    peak = matrix_peak()
    with tempfile.TemporaryDirectory() as folder:
        base = random_base(Path(folder))
        naive = naive_base(base, texts[: args.naive])
        for files in [find(COMPACT), base]:
            if args.only in (None, files.name):
                report(files, texts, naive, peak)


def comments(path: Path | None) -> list[str]:
    data = Path(os.environ.get("GAVEL_DATA", "../shared/data"))
    path = path or next((data / "dev").glob("jigsaw_slice*"))
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"][:NEWS_LENGTH] for line in lines]
    return random.Random(0).sample(texts, len(texts))


def matrix_peak() -> float:
    """Return GFLOP/s of a large bf16 product in torch, as a yardstick."""
    a = torch.randn(2048, 2048).to(torch.bfloat16)
    best = min(seconds(lambda: a @ a) for _ in range(6))
    print(f"matrix peak, torch bf16: {2 * 2048**3 / best / 1e9:.0f} GFLOP/s")
    return 2 * 2048**3 / best / 1e9


def random_base(folder: Path) -> ModelFiles:
    """Make a BERT of base size with random weights and the tokenizer of `compact`."""
    compact = find(COMPACT)
    target = folder / "base"
    target.mkdir()
    tokenizer = transformers.BertTokenizer.from_pretrained(compact.folder)
    tokenizer.save_pretrained(target)
    config = transformers.BertConfig.from_dict({"num_labels": 6})
    config.save_pretrained(target)
    torch.manual_seed(0)
    model = transformers.BertForSequenceClassification(config)
    tiny.save(target, tiny.content(tiny.KINDS["bert"], model.state_dict()))
    return find(str(target))


def naive_base(base: ModelFiles, texts: Sequence[str]) -> dict[str, float]:
    """Return milliseconds a comment of Detoxify's predict, alone and on unsorted lists of 32."""
    detoxify = load_detoxify(base.read(), base.folder, base.longest_input())
    detoxify.predict(texts[0])
    alone = seconds(lambda: [detoxify.predict(text) for text in texts]) / len(texts)
    in_list = seconds(lambda: detoxify.predict(list(texts[:32]))) / 32
    print(
        f"Detoxify.predict, BERT-base: {alone * 1e3:.1f} ms alone, {in_list * 1e3:.1f} in a list of 32"
    )
    return {"alone": alone, "list": in_list}


def report(files: ModelFiles, texts: list[str], naive: dict[str, float], peak: float) -> None:
    print(f"\n{files.name}")
    reference = load_reference(files)
    windows = [window for of_text in reference.encoder.encode(texts) for window in of_text]
    trained = files.name == COMPACT
    expected = load_fast(files, Precision.F32).engine.run(windows) if trained else None
    for precision in Precision:
        loaded = load_fast(files, precision)
        line = f"  {precision:5s}"
        if expected is not None:
            line += f" {compare(expected, loaded.engine.run(windows))};"
        print(line, _bulk(loaded.engine, files, windows, naive, peak))
    print(f"  live, through the port: {_live(files)} ({files.precision()})")
    if expected is not None:
        sample = windows[:100]
        print(
            "  single precision against predict:",
            compare(reference.engine.run(sample), expected[:100]),
        )
    print(f"  peak memory of a scoring process: {memory(files)} MB")


def _bulk(
    engine: Engine, files: ModelFiles, windows: list[Window], naive: dict[str, float], peak: float
) -> str:
    sample = windows[:SAMPLE]
    engine.run(sample)
    each = min(seconds(lambda: engine.run(sample)) for _ in range(3)) / len(sample)
    tokens = statistics.mean(len(window.ids) for window in sample)
    rate = work(files, tokens) / each
    return (
        f"{each * 1e3:.2f} ms a comment of {tokens:.0f} tokens,"
        f" {naive['alone'] / each:.1f} x predict alone, {naive['list'] / each:.1f} x lists of 32,"
        f" {rate:.0f} GFLOP/s ({rate / peak:.0%} of the peak)"
    )


def work(files: ModelFiles, tokens: float) -> float:
    """Return the billions of operations in the matrices of the layers for so many tokens."""
    config = files.config()
    layer = config["hidden_size"] * (4 * config["hidden_size"] + 2 * config["intermediate_size"])
    return float(2 * layer * config["num_hidden_layers"] * tokens / 1e9)


def _live(files: ModelFiles) -> str:
    p50, p99 = np.quantile(live_times(files, files.precision(), 300), [0.5, 0.99])
    return f"p50 {p50:.2f} ms, p99 {p99:.2f} ms"


def live_times(files: ModelFiles, precision: Precision, calls: int) -> list[float]:
    """Return the milliseconds of comments of 25 tokens, one by one through the port."""
    text = "you are quite wrong about this and you know it, so please stop writing it here, friend"

    async def measure() -> list[float]:
        model = ModelInfo(files.name, "benchmark", files.labels())
        scorer = ModelScorer(model, lambda: load_fast(files, precision))
        await scorer.score([text], Priority.LIVE)
        times = []
        for number in range(calls):
            start = time.perf_counter()
            await scorer.score([f"{text} {number}"], Priority.LIVE)
            times.append((time.perf_counter() - start) * 1e3)
        await scorer.close()
        return times

    return asyncio.run(measure())


def memory(files: ModelFiles, comments: int = 500) -> int:
    """Return the peak memory, in MB, of a process that scores comments and nothing else."""
    code = (
        "import asyncio, sys; from bot.scoring import open_scorer\n"
        "scorer, count = open_scorer(sys.argv[1]), int(sys.argv[2])\n"
        "asyncio.run(scorer.score([f'comment {i} ' * (i % 60 + 1) for i in range(count)]))\n"
        # Unlike ru_maxrss, this does not count what the parent had when it forked.
        "print(next(line.split()[1] for line in open('/proc/self/status') if 'VmHWM' in line))"
    )
    command = [sys.executable, "-c", code, str(files.folder), str(comments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout) // 1024


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
