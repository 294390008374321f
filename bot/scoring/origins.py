"""Where a model's files come from: Detoxify's own addresses, a mirror, or a folder.

Lives here: from what `--from` says to the source of each file. Not here: copying, downloading and
checking them (`bot.scoring.install`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.errors import UserError, did_you_mean
from bot.scoring.catalogue import PUBLISHED
from bot.scoring.download import is_address

REQUIRED = ("config.json", "tokenizer.json")
OPTIONAL = ("tokenizer_config.json",)

Sources = Mapping[str, str]
"""A model's files, the checkpoint first: name → path or address."""


def sources(name: str, origin: str | None) -> Sources:
    """Return where to get each file of the model `name`.

    `origin` is a folder or a checkpoint in one, the address of either, or `None` for where
    Detoxify publishes the model. Raise `UserError` when that tells no model.
    """
    if origin is None:
        return _published(name)
    return _at_address(name, origin) if is_address(origin) else _local(origin)


def _published(name: str) -> Sources:
    if name not in PUBLISHED:
        raise UserError(
            f'Detoxify publishes no model "{name}"',
            hint=f"`--from` takes a folder or an address; {did_you_mean(name, PUBLISHED)}",
        )
    return _from_web(PUBLISHED[name].checkpoint, PUBLISHED[name].base)


def _at_address(name: str, origin: str) -> Sources:
    if origin.endswith(".ckpt"):
        return _from_web(origin, origin.rpartition("/")[0])
    if name not in PUBLISHED:
        raise UserError(
            f'which checkpoint is "{name}"?', hint="let --from end in the checkpoint's .ckpt"
        )
    base = origin.rstrip("/")
    return _from_web(f"{base}/{_last(PUBLISHED[name].checkpoint)}", base)


def _from_web(checkpoint: str, base: str) -> Sources:
    rest = {each: f"{base}/{each}" for each in (*REQUIRED, *OPTIONAL)}
    return {_last(checkpoint): checkpoint, **rest}


def _last(address: str) -> str:
    return address.rpartition("/")[2]


def _local(origin: str) -> Sources:
    path = Path(origin)
    checkpoint = path if path.is_file() else _only_checkpoint(path)
    folder = checkpoint.parent
    lacking = [name for name in REQUIRED if not (folder / name).is_file()]
    if lacking:
        raise UserError(
            f"{folder} lacks {' and '.join(lacking)}",
            hint="`save_pretrained` of the model's base and of its tokenizer writes them",
        )
    names = (*REQUIRED, *(name for name in OPTIONAL if (folder / name).is_file()))
    rest = {name: str(folder / name) for name in names}
    return {checkpoint.with_suffix(".ckpt").name: str(checkpoint), **rest}


def _only_checkpoint(folder: Path) -> Path:
    if not folder.is_dir():
        raise UserError(
            f"there is no folder and no checkpoint {folder}",
            hint="an address begins with http:// or https://",
        )
    checkpoints = sorted(folder.glob("*.ckpt"))
    if len(checkpoints) != 1:
        found = ", ".join(path.name for path in checkpoints) or "none"
        raise UserError(
            f"{folder} must hold one checkpoint (*.ckpt), found: {found}",
            hint="`--from` takes the path of a checkpoint as well",
        )
    return checkpoints[0]
