"""From a model's files to something that computes.

Lives here: one function for each kind of engine, and the imports of their libraries, which are
heavy and therefore wait until a text really has to be scored. Not here: which kind is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.scoring.catalogue import ModelFiles, measured_layout
from bot.scoring.checkpoint import misfit
from bot.scoring.engine import Layout, Loaded, Precision
from bot.scoring.tokens import Encoder, load_encoder

if TYPE_CHECKING:
    from detoxify import Detoxify

# Multiplications of the matrices for one batch, chosen so that a live comment behind a bulk one
# waits about a tenth of a second on two cores: 4,096 tokens of `compact`, 512 of BERT-base.
_WORK_AT_ONCE = 4096 * 6 * 384 * 384
FEWEST_AT_ONCE, MOST_AT_ONCE = 256, 8192


def load(files: ModelFiles, kind: str) -> Loaded:
    """Load the model for `kind`: a precision of the fast engine, `reference` or `cuda`."""
    if kind == "reference":
        return load_reference(files)
    if kind == "cuda":
        return load_cuda(files)
    return load_fast(files, Precision(kind))


def load_fast(files: ModelFiles, precision: Precision, layout: Layout | None = None) -> Loaded:
    """Load the compiled form where installation kept one, else build it from the weights.

    Without a `layout`, work is cut as was measured best on this machine, else as is usual.
    """
    from bot.scoring.fast import FastEngine  # noqa: PLC0415 - see above
    from bot.scoring.graph import build  # noqa: PLC0415 - see above

    encoder, config = _encoder(files), files.config()
    layout = layout or measured_layout(files.name, precision) or usual_layout(files)
    saved = files.graph(precision)
    engine = FastEngine(
        saved if saved.is_file() else build(files.read(), config, precision),
        precision,
        labels=len(files.labels()),
        group=int(config["hidden_size"]),
        batch=layout.batch,
        streams=layout.streams,
    )
    return Loaded(encoder, engine, layout.at_once)


def usual_layout(files: ModelFiles) -> Layout:
    """Return how work is cut where nothing was measured: one stream, batches as most want them."""
    config = files.config()
    work = int(config["num_hidden_layers"]) * int(config["hidden_size"]) ** 2
    at_once = min(max(_WORK_AT_ONCE // work, FEWEST_AT_ONCE), MOST_AT_ONCE)
    return Layout(streams=1, batch=1024, at_once=at_once)


def load_reference(files: ModelFiles) -> Loaded:
    """Load Detoxify itself."""
    from bot.scoring.reference import ReferenceEngine  # noqa: PLC0415 - see above

    encoder = _encoder(files)
    return Loaded(encoder, ReferenceEngine(_detoxify(files)), budget=1)


def load_cuda(files: ModelFiles) -> Loaded:
    """Load the model onto a CUDA device; raise `UserError` where there is none."""
    from bot.scoring.cuda import CudaEngine, require_cuda  # noqa: PLC0415 - see above

    require_cuda()
    encoder = _encoder(files)
    return Loaded(encoder, CudaEngine(_detoxify(files)), budget=32_768)


def _encoder(files: ModelFiles) -> Encoder:
    """Return the encoder; first of all, because what is wrong with it is told best by itself."""
    encoder = load_encoder(files.folder, files.longest_input(), files.sees())
    known = files.config().get("vocab_size")
    if not isinstance(known, int) or encoder.pieces > known:
        raise misfit(
            files.checkpoint, f"the tokenizer has {encoder.pieces:,} pieces, the model {known}"
        )
    return encoder


def _detoxify(files: ModelFiles) -> Detoxify:
    from bot.scoring.reference import load_detoxify  # noqa: PLC0415 - see above

    return load_detoxify(files.read(), files.folder, files.longest_input())
