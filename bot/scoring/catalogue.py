"""Which models there are and where they lie.

Lives here: the table of Detoxify's models, the folder of installed ones, and what is known of a
model without loading it (name, revision, labels). Not here: downloading (`bot.scoring.install`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import Location, Problem, UserError, did_you_mean
from bot.scoring.checkpoint import ARCHITECTURES, Checkpoint, misfit, read_checkpoint
from bot.scoring.engine import Layout, Precision
from bot.scoring.tokens import SEEING, Seeing

COMPACT = "compact"
ENGLISH = ("en",)
SIDECAR = "gavel.json"

UNTRIED = Precision.BF16
"""For models that no self-test was made of, `compact` among them: in bf16 its scores stay within
0.008 of Detoxify's, in int8 they move by up to 0.1 (see `tests.benchmarks.scoring`). Rounding the
inputs of its layers alone, with exact weights, costs seven times as much in int8 as in bf16, and
four times with a scale for every 32 numbers, so that better weights alone do not mend it."""

_RELEASES = "https://github.com/unitaryai/detoxify/releases/download"
_HUB = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class Published:
    """A model that Detoxify publishes: its checkpoint, and the repository of its tokenizer.

    The first eight hex digits of the checkpoint's SHA-256 are part of its file name. `languages`
    are ISO 639-1 codes.
    """

    checkpoint: str
    base: str
    about: str
    languages: tuple[str, ...] = ENGLISH


PUBLISHED: Mapping[str, Published] = {
    "original": Published(
        f"{_RELEASES}/v0.1-alpha/toxic_original-c1212f89.ckpt",
        f"{_HUB}/google-bert/bert-base-uncased/resolve/main",
        "BERT, English, six labels",
    ),
    "unbiased": Published(
        f"{_RELEASES}/v0.3-alpha/toxic_debiased-c7548aa0.ckpt",
        f"{_HUB}/FacebookAI/roberta-base/resolve/main",
        "RoBERTa, English, seven labels, less identity bias",
    ),
    "multilingual": Published(
        f"{_RELEASES}/v0.4-alpha/multilingual_debiased-0b549669.ckpt",
        f"{_HUB}/FacebookAI/xlm-roberta-base/resolve/main",
        "XLM-R, seven languages, seven labels",
        languages=("en", "fr", "es", "it", "pt", "tr", "ru"),
    ),
    "original-small": Published(
        f"{_RELEASES}/v0.1.2/original-albert-0e1d6498.ckpt",
        f"{_HUB}/albert/albert-base-v2/resolve/main",
        "ALBERT, English, six labels, small download",
    ),
    "unbiased-small": Published(
        f"{_RELEASES}/v0.1.2/unbiased-albert-c8519128.ckpt",
        f"{_HUB}/albert/albert-base-v2/resolve/main",
        "ALBERT, English, seven labels, small download",
    ),
}


def home() -> Path:
    """Return the folder for what Gavel keeps between runs: `GAVEL_HOME`, else the user's cache."""
    given = os.environ.get("GAVEL_HOME")
    if given:
        return Path(given).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gavel"


def models_folder() -> Path:
    """Return the folder that holds one folder for each installed model."""
    return home() / "models"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model on this machine: checkpoint, `config.json` and tokenizer in one folder.

    `facts` is what the installation noted beside them; empty for a folder that was not installed.
    """

    name: str
    folder: Path
    checkpoint: Path
    facts: Mapping[str, Any]

    def weights(self) -> str:
        """Return the revision of the weights: eight hex digits of the checkpoint's SHA-256."""
        noted = self.facts.get("sha256")
        return str(noted or sha256(self.checkpoint))[:8]

    def revision(self, kind: str) -> str:
        """Return what scores depend on beside the text: weights, engine, way of seeing."""
        parts = [self.weights(), kind, self.facts.get("sees", "")]
        return "-".join(str(part) for part in parts if part)

    def labels(self) -> tuple[str, ...]:
        """Return the standardised names of the labels."""
        noted = self.facts.get("labels")
        return tuple(noted) if noted else self.read().labels

    def precision(self) -> Precision:
        """Return the precision that installation measured to be best, else the usual one."""
        return Precision(self.facts.get("precision", UNTRIED))

    def sees(self) -> Seeing:
        """Return how the model looks at a text before its tokenizer does."""
        name = self.facts.get("sees", "as_written")
        if name not in SEEING:
            hint = did_you_mean(str(name), SEEING)
            raise _unusable(self.folder / SIDECAR, f'there is no way of seeing "{name}". {hint}')
        return SEEING[name]

    def graph(self, precision: Precision) -> Path:
        """Return where installation keeps the compiled form for a precision."""
        return self.folder / "compiled" / f"{precision}.xml"

    def read(self) -> Checkpoint:
        """Return the checkpoint; raise `UserError` when it is none, or not of the configuration."""
        checkpoint = read_checkpoint(self.checkpoint)
        family, told = ARCHITECTURES[checkpoint.model_class], self.config().get("model_type")
        if told != family:
            raise misfit(self.checkpoint, f"they are of {family}, and config.json is of {told}")
        return checkpoint

    def config(self) -> dict[str, Any]:
        """Return the architecture's configuration; raise `UserError` when it cannot be read."""
        return read_json(self.folder / "config.json")

    def longest_input(self) -> int:
        """Return how many tokens the model takes, special ones included."""
        config = self.config()
        try:
            # RoBERTa's positions start behind the padding token's.
            offset = config["pad_token_id"] + 1 if "roberta" in config["model_type"] else 0
            positions = int(config["max_position_embeddings"]) - offset
        except (KeyError, TypeError, ValueError) as error:
            raise _unusable(self.folder / "config.json", f"it lacks a valid {error}") from None
        tokenizer = self.folder / "tokenizer_config.json"
        noted = read_json(tokenizer).get("model_max_length") if tokenizer.exists() else None
        return min(positions, int(noted)) if isinstance(noted, int | float) else positions


def measured(name: str) -> Mapping[str, Any]:
    """Return what the last installation or `verify` on this machine measured of a model.

    Empty when neither has happened, as at first for `compact`, and when the note is spoiled: it is
    never needed.
    """
    try:
        return dict(read_json(measurements()).get(name, {}))
    except (UserError, TypeError, ValueError):
        return {}


def measured_layout(name: str, precision: Precision) -> Layout | None:
    """Return how bulk work was measured to be cut best, where it was measured in that precision."""
    noted = measured(name)
    try:
        layout = Layout(**noted["layout"])
        sound = min(layout.streams, layout.batch, layout.at_once) > 0
    except (KeyError, TypeError):
        return None
    return layout if sound and noted.get("precision") == precision else None


def measurements() -> Path:
    """Return the file that keeps what was measured here, by the model's name."""
    return models_folder() / "measured.json"


def sha256(path: Path) -> str:
    """Return the hex SHA-256 of a file."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unusable(path, f"{path.name} cannot be read: {error.strerror}") from None


def find(name: str) -> ModelFiles:
    """Return the files of `compact`, of an installed model, or of a checkpoint at a path."""
    if name == COMPACT:
        return _in_folder(name, Path(__file__).parent / COMPACT)
    installed = models_folder() / name
    if (installed / SIDECAR).is_file():
        return _in_folder(name, installed)
    path = Path(name)
    if path.is_dir():
        return _in_folder(path.resolve().name, path)
    if path.is_file():
        return ModelFiles(path.stem, path.parent, path, {})
    raise _unknown(name)


def languages_of(name: str) -> tuple[str, ...]:
    """Return the languages of a model's training; of a checkpoint that we do not know, English."""
    return PUBLISHED[name].languages if name in PUBLISHED else ENGLISH


def installed() -> list[str]:
    """Return the names of the models on this machine, `compact` first."""
    folders = sorted(path.parent.name for path in models_folder().glob(f"*/{SIDECAR}"))
    # A hidden one is an installation that was stopped just before its end.
    return [COMPACT, *(name for name in folders if not name.startswith("."))]


def partials(name: str) -> list[Path]:
    """Return the folders in which installations of a model that were not finished have left files."""
    return sorted(models_folder().glob(f".{name}~*.partial"))


def unfinished() -> list[str]:
    """Return the names of models whose installation began and is not finished."""
    return sorted(
        {path.name[1:].partition("~")[0] for path in models_folder().glob(".*~*.partial")}
    )


def size_of(folder: Path) -> int:
    """Return how many bytes the files of a folder have."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _in_folder(name: str, folder: Path) -> ModelFiles:
    checkpoints = sorted(folder.glob("*.ckpt"))
    if len(checkpoints) != 1:
        found = ", ".join(path.name for path in checkpoints) or "none"
        raise _unusable(folder, f"a model folder holds one checkpoint (*.ckpt), found: {found}")
    sidecar = folder / SIDECAR
    return ModelFiles(name, folder, checkpoints[0], read_json(sidecar) if sidecar.exists() else {})


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON object; raise `UserError` when the file is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unusable(path, f"{path.name} cannot be read: {error}") from None
    if not isinstance(content, dict):
        raise _unusable(path, f"{path.name} is not a JSON object")
    return content


def _unusable(path: Path, message: str) -> UserError:
    hint = "install the model again with `gavel model install`, or give another --model"
    return UserError(Problem("model.files", message, Location(str(path)), hint))


def _unknown(name: str) -> UserError:
    if name in PUBLISHED:
        return UserError(
            f'the model "{name}" is not installed', hint=f"run `gavel model install {name}`"
        )
    return UserError(
        f'there is no model "{name}", and no checkpoint at that path',
        hint=did_you_mean(name, [COMPACT, *PUBLISHED]),
    )
