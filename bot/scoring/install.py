"""Putting a model on this machine, checking it, and taking it off again.

Lives here: fetching checkpoint, configuration and tokenizer, the checks (hash, safe loading,
agreement with Detoxify), the compiled form, and the note of all that beside the files. A model
appears under its name only when everything passed. Not here: HTTP, or printing.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bot.errors import Location, Problem, UserError, did_you_mean
from bot.scoring.agreement import Trial, choose, try_precisions
from bot.scoring.catalogue import (
    COMPACT,
    PUBLISHED,
    SIDECAR,
    ModelFiles,
    find,
    measurements,
    models_folder,
    sha256,
)
from bot.scoring.download import Progress, download, is_address
from bot.scoring.engine import Precision

_REQUIRED = ("config.json", "tokenizer.json")
_OPTIONAL = ("tokenizer_config.json",)
_NAMED_HASH = re.compile(r"-([0-9a-f]{8,64})\.ckpt$")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def install(name: str, origin: str | None, progress: Progress) -> ModelFiles:
    """Install a model and return it.

    `origin` is a folder, the address of a folder or of a checkpoint, or `None` for where Detoxify
    publishes the model. Raise `UserError` for anything that is not as it should be; what was
    downloaded so far is kept and continued by the next call.
    """
    _check_name(name)
    addresses = _from_folder(Path(origin)) if origin and not is_address(origin) else None
    addresses = addresses or _addresses(name, origin)
    staging = models_folder() / f".{name}.partial"
    try:
        staging.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write {staging}: {error.strerror}") from None
    for left_over in staging.iterdir():
        # Of another origin; files of this one, whole or in part, are continued.
        if left_over.name.removesuffix(".part") not in addresses:
            left_over.unlink()
    for file_name, address in addresses.items():
        _fetch(address, staging / file_name, progress, optional=file_name in _OPTIONAL)
    checkpoint = staging / next(iter(addresses))
    return _finish(ModelFiles(name, staging, checkpoint, {}), models_folder() / name)


def remove(name: str) -> None:
    """Delete an installed model; raise `UserError` when it is not one."""
    folder = models_folder() / name
    if name == COMPACT:
        raise UserError("compact is part of Gavel and cannot be removed")
    if not (folder / SIDECAR).is_file():
        raise UserError(f'no model "{name}" is installed', hint="see `gavel model list`")
    shutil.rmtree(folder)


def verify(name: str) -> Trial:
    """Hash, load and compare a model again; raise `UserError` when anything is amiss."""
    files = find(name)
    for file_name, noted in dict(files.facts.get("files", {})).items():
        if sha256(files.folder / file_name) != noted:
            raise _tampered(files.folder / file_name, "differs from what was installed")
    (trial,) = try_precisions(files, [files.precision()])
    chosen = choose([trial], name)
    _keep_measured(name, chosen)
    return chosen


def _keep_measured(name: str, trial: Trial) -> None:
    path = measurements()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        noted = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        noted[name] = trial.note()
        path.write_text(json.dumps(noted, indent=2) + "\n", encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UserError(
            f"cannot note in {path} what was measured: {error}", hint="delete that file"
        ) from None


def _check_name(name: str) -> None:
    if name == COMPACT:
        raise UserError("compact is part of Gavel and needs no installation")
    if not _NAME.fullmatch(name):
        raise UserError(f'"{name}" cannot be the name of a model', hint="letters, digits, . _ -")


def _from_folder(folder: Path) -> Mapping[str, str]:
    checkpoints = sorted(folder.glob("*.ckpt"))
    if len(checkpoints) != 1:
        found = ", ".join(path.name for path in checkpoints) or "none"
        raise UserError(f"{folder} must hold one checkpoint (*.ckpt), found: {found}")
    names = [checkpoints[0].name, *_REQUIRED]
    names += [name for name in _OPTIONAL if (folder / name).exists()]
    return {name: str(folder / name) for name in names}


def _addresses(name: str, origin: str | None) -> Mapping[str, str]:
    """Return file name → address, the checkpoint first."""
    if origin is None and name not in PUBLISHED:
        raise UserError(
            f'Detoxify publishes no model "{name}"',
            hint=f"`--from` takes a folder or an address; {did_you_mean(name, PUBLISHED)}",
        )
    if origin is None:
        checkpoint, base = PUBLISHED[name].checkpoint, PUBLISHED[name].base
    elif origin.endswith(".ckpt"):
        checkpoint, base = origin, origin.rpartition("/")[0]
    elif name in PUBLISHED:
        base = origin.rstrip("/")
        checkpoint = f"{base}/{_last(PUBLISHED[name].checkpoint)}"
    else:
        raise UserError(
            f'which checkpoint is "{name}"?', hint="let --from end in the checkpoint's .ckpt"
        )
    rest = {each: f"{base}/{each}" for each in (*_REQUIRED, *_OPTIONAL)}
    return {_last(checkpoint): checkpoint, **rest}


def _last(address: str) -> str:
    return address.rpartition("/")[2]


def _fetch(address: str, target: Path, progress: Progress, *, optional: bool) -> None:
    if target.exists():
        return
    if is_address(address):
        try:
            download(address, target, progress)
        except UserError:
            if not optional:
                raise
        return
    try:
        shutil.copyfile(address, target)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise UserError(f"cannot copy {address} to {target}: {error.strerror}") from None


def _finish(files: ModelFiles, target: Path) -> ModelFiles:
    """Check and compile what lies in the staging folder, then move it to its name."""
    digest = _check_hash(files.checkpoint)
    try:
        labels = files.read().labels
        trial = choose(try_precisions(files, list(Precision)), files.name)
    except UserError:
        # Kept, these files would spoil every later try.
        shutil.rmtree(files.folder)
        raise
    _compile(files, trial.precision)
    note = {
        "sha256": digest,
        "labels": labels,
        "precision": trial.precision,
        "files": {path.name: sha256(path) for path in sorted(files.folder.glob("*.*"))},
        "measured": trial.note(),
    }
    (files.folder / SIDECAR).write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    files.folder.rename(target)
    _keep_measured(target.name, trial)
    return replace(files, folder=target, checkpoint=target / files.checkpoint.name, facts=note)


def _check_hash(checkpoint: Path) -> str:
    """Return the file's SHA-256; refuse a file whose name tells another."""
    digest = sha256(checkpoint)
    named = _NAMED_HASH.search(checkpoint.name)
    if named and not digest.startswith(named[1]):
        checkpoint.unlink()
        raise _tampered(
            checkpoint, f"has the hash {digest[: len(named[1])]}, its name says {named[1]}"
        )
    return digest


def _compile(files: ModelFiles, precision: Precision) -> None:
    from bot.scoring.graph import build, save  # noqa: PLC0415 - an inference runtime

    graph = files.graph(precision)
    graph.parent.mkdir(exist_ok=True)
    save(build(files.read(), files.config(), precision), graph)


def _tampered(path: Path, message: str) -> UserError:
    return UserError(
        Problem(
            "model.hash",
            f"{path.name} {message}: it is damaged or was changed",
            Location(str(path)),
            hint="do not use it; install it again from a source that you trust",
        )
    )
