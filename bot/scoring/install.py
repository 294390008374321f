"""Putting a model on this machine, checking it, and taking it off again.

Lives here: fetching checkpoint, configuration and tokenizer, the checks (hash, safe loading,
agreement with Detoxify), the compiled form, and the note of all that beside the files. A model
appears under its name only when everything passed. Not here: HTTP, where files come from
(`bot.scoring.origins`), or printing.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.errors import Location, Problem, UserError
from bot.scoring.agreement import Trial, self_test
from bot.scoring.catalogue import (
    COMPACT,
    SIDECAR,
    ModelFiles,
    find,
    measurements,
    models_folder,
    partials,
    read_json,
    sha256,
)
from bot.scoring.checkpoint import check_intact
from bot.scoring.download import NotThereError, Progress, download, is_address
from bot.scoring.engine import Precision
from bot.scoring.origins import OPTIONAL, Sources, sources

_NAMED_HASH = re.compile(r"-([0-9a-f]{8,64})\.ckpt$")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def install(name: str, origin: str | None, progress: Progress) -> Trial:
    """Install a model, and return what its self-test found.

    `origin` is a folder or a checkpoint in one, the address of either, or `None` for where Detoxify
    publishes the model. Raise `UserError` for anything that is not as it should be; what was
    downloaded is kept and continued by the next call, unless it is to blame.
    """
    _check_name(name)
    wanted = sources(name, origin)
    staging = _staging(name, wanted)
    try:
        staging.mkdir(parents=True, exist_ok=True)
        for file_name, source in wanted.items():
            _fetch(source, staging / file_name, progress)
    except OSError as error:
        raise _unwritable(staging, error) from None
    progress("checking and measuring", 0, None)
    try:
        checkpoint = staging / next(iter(wanted))
        staged = ModelFiles(name, staging, checkpoint, _seeing(wanted))
        return _finish(staged, models_folder() / name)
    except OSError as error:
        raise _unwritable(staging, error) from None
    except UserError as error:
        # Kept, these files would spoil every later try.
        shutil.rmtree(staging, ignore_errors=True)
        raise _at_sources(error, wanted) from None


def remove(name: str) -> None:
    """Delete an installed model, or what a broken installation left of it.

    Raise `UserError` when there is neither.
    """
    _check_name(name)
    folders = [path for path in (models_folder() / name, *partials(name)) if path.is_dir()]
    if not folders:
        raise UserError(f'no model "{name}" is installed', hint="see `gavel model list`")
    try:
        for folder in folders:
            shutil.rmtree(folder)
    except OSError as error:
        raise UserError(f"cannot delete {folder}: {error.strerror}") from None
    _note_measured(name, None)


def verify(name: str) -> Trial:
    """Hash, load and compare a model again; raise `UserError` when anything is amiss."""
    files = find(name)
    for file_name, noted in dict(files.facts.get("files", {})).items():
        if sha256(files.folder / file_name) != noted:
            raise _tampered(files.folder / file_name, "differs from what was installed")
    check_intact(files.checkpoint)
    trial = self_test(files, [files.precision()])
    _note_measured(name, trial)
    return trial


def _check_name(name: str) -> None:
    if name == COMPACT:
        raise UserError("compact is part of Gavel: it needs no installation and cannot be removed")
    if not _NAME.fullmatch(name):
        raise UserError(f'"{name}" cannot be the name of a model', hint="letters, digits, . _ -")


def _staging(name: str, wanted: Sources) -> Path:
    """Return the folder for exactly these files; what was fetched from elsewhere is dropped."""
    digest = hashlib.sha256(json.dumps(wanted).encode()).hexdigest()[:8]
    folder = models_folder() / f".{name}~{digest}.partial"
    for other in partials(name):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    return folder


def _seeing(wanted: Sources) -> dict[str, Any]:
    """Return how a model of one's own wants texts to be shown to it, as noted beside it."""
    origin = next(iter(wanted.values()))
    sidecar = Path(origin).with_name(SIDECAR)
    if is_address(origin) or not sidecar.is_file():
        return {}
    return {key: value for key, value in read_json(sidecar).items() if key == "sees"}


def _fetch(source: str, target: Path, progress: Progress) -> None:
    if not is_address(source):
        shutil.copyfile(source, target)
    elif not target.exists():
        try:
            download(source, target, progress)
        except NotThereError:
            if target.name not in OPTIONAL:
                raise


def _finish(files: ModelFiles, target: Path) -> Trial:
    """Check and compile what lies in the staging folder, then move it to its name."""
    digest = _check_hash(files.checkpoint)
    check_intact(files.checkpoint)
    labels = files.read().labels
    trial = self_test(files, list(Precision))
    _compile(files, trial.precision)
    note = {
        **files.facts,
        "sha256": digest,
        "labels": labels,
        "precision": trial.precision,
        "files": _hashes(files.folder),
        "measured": trial.note(),
    }
    _write_json(files.folder / SIDECAR, note)
    shutil.rmtree(target, ignore_errors=True)
    files.folder.rename(target)
    _note_measured(target.name, trial)
    return trial


def _check_hash(checkpoint: Path) -> str:
    """Return the file's SHA-256; refuse a file whose name tells another."""
    digest = sha256(checkpoint)
    named = _NAMED_HASH.search(checkpoint.name)
    if named and not digest.startswith(named[1]):
        raise _tampered(
            checkpoint, f"has the hash {digest[: len(named[1])]}, its name says {named[1]}"
        )
    return digest


def _hashes(folder: Path) -> dict[str, str]:
    """Return the hashes of all that lies in a folder but the note itself."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SIDECAR)
    return {path.relative_to(folder).as_posix(): sha256(path) for path in paths}


def _compile(files: ModelFiles, precision: Precision) -> None:
    from bot.scoring.graph import build, save  # noqa: PLC0415 - an inference runtime

    graph = files.graph(precision)
    # What an installation left that the disk had no room for.
    shutil.rmtree(graph.parent, ignore_errors=True)
    graph.parent.mkdir()
    save(build(files.read(), files.config(), precision), graph)


def _note_measured(name: str, trial: Trial | None) -> None:
    """Keep what was measured of a model here, or forget it."""
    path = measurements()
    try:
        noted = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        noted.pop(name, None)
        if trial is not None:
            noted[name] = trial.note()
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_json(path, noted)
    except OSError as error:
        raise UserError(f"cannot note what was measured in {path}: {error.strerror}") from None
    except (ValueError, AttributeError):
        raise UserError(f"{path} is not what Gavel wrote", hint="delete that file") from None


def _write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    draft.replace(path)


def _unwritable(staging: Path, error: OSError) -> UserError:
    return UserError(
        f"the installation failed at {error.filename or staging}: {error.strerror}",
        hint="make room, or set GAVEL_HOME to a folder elsewhere; what was downloaded is kept",
    )


def _at_sources(error: UserError, wanted: Sources) -> UserError:
    """Name what the user gave in place of our copy, which is gone."""
    problems = []
    for problem in error.problems:
        name = Path(problem.location.path).name if problem.location else ""
        moved = replace(problem, location=Location(wanted[name])) if name in wanted else problem
        problems.append(moved)
    return UserError(problems)


def _tampered(path: Path, message: str) -> UserError:
    return UserError(
        Problem(
            "model.hash",
            f"{path.name} {message}: it is damaged or was changed",
            Location(str(path)),
            hint="do not use it; install it again from a source that you trust",
        )
    )
