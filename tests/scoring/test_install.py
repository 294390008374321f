import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from bot.errors import UserError
from bot.scoring import open_scorer
from bot.scoring.agreement import BARS, Agreement, Trial, choose, compare
from bot.scoring.catalogue import (
    PUBLISHED,
    find,
    installed,
    measured_layout,
    models_folder,
    partials,
    sha256,
    size_of,
    unfinished,
)
from bot.scoring.engine import Layout, Precision
from bot.scoring.graph import build, save
from bot.scoring.install import install, remove, verify
from bot.scoring.tokens import as_read
from tests.fakes.web import FileServer, serving
from tests.scoring import tiny
from tests.scoring.test_checkpoint import Bomb


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="module")
def installed_once(tiny_models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one installed model, `mine`; tests copy it."""
    home = tmp_path_factory.mktemp("once")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GAVEL_HOME", str(home))
        install("mine", str(tiny_models["bert"]), quiet)
    return home


@pytest.fixture
def mine(installed_once: Path, home: Path) -> Path:
    """The folder of the model `mine`, installed in this test's home."""
    shutil.copytree(installed_once, home)
    return home / "models" / "mine"


@pytest.fixture
def mirror(tiny_models: dict[str, Path], tmp_path: Path) -> Iterator[FileServer]:
    """A mirror with one folder for each architecture, which a test may spoil."""
    folder = tmp_path / "mirror"
    for kind, source in tiny_models.items():
        shutil.copytree(source, folder / kind)
    with serving(folder) as server:
        yield server


def address(mirror: FileServer, kind: str) -> str:
    return f"{mirror.address}/{kind}/{checkpoint(mirror, kind).name}"


def checkpoint(mirror: FileServer, kind: str) -> Path:
    return find(str(mirror.folder / kind)).checkpoint


def quiet(name: str, size: int, total: int | None) -> None:
    """Take progress and say nothing."""


@pytest.mark.parametrize("kind", tiny.KINDS)
async def test_installs_from_an_address_and_never_calls_again(
    mirror: FileServer, kind: str
) -> None:
    assert install("mine", address(mirror, kind), quiet).passed
    files = find("mine")
    assert files.labels() == find(str(mirror.folder / kind)).read().labels
    assert sha256(files.checkpoint).startswith(files.weights())
    assert files.graph(files.precision()).is_file()
    assert installed() == ["compact", "mine"]
    asked = len(mirror.asked)
    # From here on the mirror could vanish.
    shutil.rmtree(mirror.folder)
    for engine in ("auto", "reference"):
        scorer = open_scorer("mine", engine=engine)
        assert len(await scorer.score(["hello", "you"])) == 2
        await scorer.close()
    assert verify("mine").passed
    assert len(mirror.asked) == asked


def test_published_names_are_found_on_a_mirror(mirror: FileServer) -> None:
    """A mirror keeps Detoxify's file names; a wrong file under such a name is refused."""
    published = PUBLISHED["original"].checkpoint.rpartition("/")[2]
    checkpoint(mirror, "bert").rename(mirror.folder / "bert" / published)
    with pytest.raises(UserError, match="its name says c1212f89"):
        install("original", f"{mirror.address}/bert/", quiet)
    assert mirror.asked[0] == (f"/bert/{published}", None)
    assert not (models_folder() / "original").exists()


def test_the_note_beside_the_files_tells_what_was_found(mine: Path) -> None:
    note = json.loads((mine / "gavel.json").read_text())
    assert note["labels"] == list(find("mine").labels())
    assert note["measured"]["tokens_per_second"] > 0
    assert measured_layout("mine", find("mine").precision()) is not None
    assert set(note["files"]) == {
        f"compiled/{note['precision']}.bin",
        f"compiled/{note['precision']}.xml",
        "config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        find("mine").checkpoint.name,
    }


def test_broken_download_is_continued_by_the_next_call(mirror: FileServer) -> None:
    path = checkpoint(mirror, "bert")
    config = mirror.folder / "bert" / "config.json"
    config.rename(config.with_name("hidden.json"))
    with pytest.raises(UserError, match="404"):
        install("mine", address(mirror, "bert"), quiet)
    config.with_name("hidden.json").rename(config)
    # This one is optional, and its absence no trouble.
    (mirror.folder / "bert" / "tokenizer_config.json").unlink()
    install("mine", address(mirror, "bert"), quiet)
    assert [asked for asked, _ in mirror.asked].count(f"/bert/{path.name}") == 1


def test_what_is_left_of_a_broken_download_is_told_and_removed(mirror: FileServer) -> None:
    (mirror.folder / "bert" / "tokenizer.json").unlink()
    with pytest.raises(UserError, match="404"):
        install("mine", address(mirror, "bert"), quiet)
    assert unfinished() == ["mine"]
    (left,) = partials("mine")
    assert size_of(left) > checkpoint(mirror, "bert").stat().st_size
    remove("mine")
    assert (unfinished(), partials("mine")) == ([], [])


def test_files_of_another_origin_are_not_mixed_in(mirror: FileServer) -> None:
    (mirror.folder / "bert" / "tokenizer.json").unlink()
    with pytest.raises(UserError, match="404"):
        install("mine", address(mirror, "bert"), quiet)
    install("mine", address(mirror, "albert"), quiet)
    assert find("mine").config()["model_type"] == "albert"
    assert unfinished() == []


def test_a_checkpoint_in_a_folder_of_several_may_be_named(
    tmp_path: Path, tiny_models: dict[str, Path]
) -> None:
    folder = tmp_path / "several"
    shutil.copytree(tiny_models["bert"], folder)
    wanted = find(str(folder)).checkpoint
    shutil.copyfile(wanted, folder / "other.ckpt")
    with pytest.raises(UserError, match="must hold one checkpoint"):
        install("mine", str(folder), quiet)
    install("mine", str(wanted), quiet)
    assert find("mine").checkpoint.name == wanted.name


def test_how_a_model_sees_texts_is_installed_with_it(
    tmp_path: Path, tiny_models: dict[str, Path]
) -> None:
    folder = tmp_path / "seeing"
    shutil.copytree(tiny_models["bert"], folder)
    (folder / "gavel.json").write_text('{"sees": "as_read", "sha256": "0badcafe"}')
    install("mine", str(folder), quiet)
    files = find("mine")
    assert files.sees() is as_read
    assert files.revision("f32") == f"{sha256(files.checkpoint)[:8]}-f32-as_read"


def test_an_installation_that_stopped_at_its_end_is_not_listed(mine: Path) -> None:
    stopped = mine.rename(mine.with_name(".mine~0badcafe.partial"))
    assert (installed(), unfinished()) == (["compact"], ["mine"])
    assert (stopped / "gavel.json").is_file()


def test_a_mended_folder_is_read_anew(tmp_path: Path, tiny_models: dict[str, Path]) -> None:
    folder = tmp_path / "mended"
    shutil.copytree(tiny_models["bert"], folder)
    config = (folder / "config.json").read_text()
    (folder / "config.json").write_text("{")
    with pytest.raises(UserError, match=r"config\.json cannot be read") as caught:
        install("mine", str(folder), quiet)
    # It is the user's own file that is named, not a copy that is gone.
    (problem,) = caught.value.problems
    assert str(problem.location) == str(folder / "config.json")
    (folder / "config.json").write_text(config)
    assert install("mine", str(folder), quiet).passed


def _without_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def _with_anothers_tokenizer(folder: Path) -> None:
    shutil.copyfile(folder.parent / "roberta" / "tokenizer.json", folder / "tokenizer.json")


def _with_a_tokenizer_without_unknown(folder: Path) -> None:
    content = json.loads((folder / "tokenizer.json").read_text())
    content["model"]["vocab"].pop("[UNK]")
    content["added_tokens"] = [t for t in content["added_tokens"] if t["content"] != "[UNK]"]
    (folder / "tokenizer.json").write_text(json.dumps(content))


def _with_anothers_configuration(folder: Path) -> None:
    shutil.copyfile(folder.parent / "albert" / "config.json", folder / "config.json")


def _with_another_size(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "intermediate_size": 64}))


def _with_a_flipped_bit(folder: Path) -> None:
    path = find(str(folder)).checkpoint
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    (folder / "unnamed.ckpt").write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_without_tokenizer, r"lacks tokenizer\.json"),
        (_with_anothers_tokenizer, "the tokenizer has .* pieces"),
        (_with_a_tokenizer_without_unknown, "tokenizer cannot be read"),
        (_with_anothers_configuration, r"of bert, and config\.json is of albert"),
        (_with_another_size, r"sizes are not those that config\.json tells"),
        (_with_a_flipped_bit, "is damaged in"),
    ],
)
def test_files_that_do_not_go_together_are_refused(
    tmp_path: Path,
    tiny_models: dict[str, Path],
    spoil: Callable[[Path], None],
    message: str,
) -> None:
    shutil.copytree(tiny_models["bert"].parent, tmp_path / "models")
    folder = tmp_path / "models" / "bert"
    spoil(folder)
    with pytest.raises(UserError, match=message):
        install("mine", str(folder), quiet)
    assert (installed(), unfinished()) == (["compact"], [])


def test_a_disk_that_is_full_is_told(tmp_path: Path, tiny_models: dict[str, Path]) -> None:
    files = find(str(tiny_models["bert"]))
    graph = build(files.read(), files.config(), Precision.F32)
    # The device that is always full stands for a disk that fills.
    (tmp_path / "f32.bin").symlink_to("/dev/full")
    with pytest.raises(OSError, match="is the disk full"):
        save(graph, tmp_path / "f32.xml")


def test_a_home_that_cannot_be_written_is_told(home: Path, tiny_models: dict[str, Path]) -> None:
    home.write_text("a file, not a folder")
    with pytest.raises(UserError, match="the installation failed at") as caught:
        install("mine", str(tiny_models["bert"]), quiet)
    assert "GAVEL_HOME" in caught.value.render()


@pytest.mark.usefixtures("mine")
async def test_a_damaged_compiled_form_is_told() -> None:
    graph = find("mine").graph(find("mine").precision())
    graph.write_text(graph.read_text()[:200])
    scorer = open_scorer("mine")
    with pytest.raises(UserError, match="compiled form of the model is damaged"):
        await scorer.score(["hello"])
    await scorer.close()
    with pytest.raises(UserError, match=r"\.xml differs"):
        verify("mine")


def test_tampered_download_is_refused_and_not_kept(mirror: FileServer) -> None:
    path = checkpoint(mirror, "bert")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match="damaged or was changed"):
        install("mine", address(mirror, "bert"), quiet)
    assert not (models_folder() / "mine").exists()


def test_hostile_checkpoint_does_not_run(tmp_path: Path, tiny_models: dict[str, Path]) -> None:
    folder = tmp_path / "hostile"
    shutil.copytree(tiny_models["bert"], folder)
    find(str(folder)).checkpoint.unlink()
    content = tiny.content(tiny.KINDS["bert"], {"a": torch.ones(1)})
    tiny.save(folder, {**content, "extra": Bomb(tmp_path / "it-ran")})
    with pytest.raises(UserError, match="was not loaded"):
        install("mine", str(folder), quiet)
    assert not (tmp_path / "it-ran").exists()
    assert not (models_folder() / "mine").exists()


def test_model_whose_scores_are_not_numbers_is_refused(
    tmp_path: Path, tiny_models: dict[str, Path]
) -> None:
    folder = tmp_path / "nan"
    shutil.copytree(tiny_models["bert"], folder)
    path = find(str(folder)).checkpoint
    content = torch.load(path, weights_only=True)
    content["state_dict"]["classifier.weight"][:] = torch.nan
    path.unlink()
    tiny.save(folder, content)
    with pytest.raises(UserError, match="scores that are not numbers"):
        install("mine", str(folder), quiet)


@pytest.mark.parametrize(
    ("name", "origin", "message"),
    [
        ("compact", None, "part of Gavel"),
        ("../../etc", None, "cannot be the name"),
        ("orginal", None, "publishes no model"),
        ("mine", "https://example.invalid/folder", "which checkpoint"),
        ("mine", "/nowhere", "there is no folder and no checkpoint /nowhere"),
        ("mine", "ftp://example.invalid/m.ckpt", "there is no folder"),
        ("mine", "/", "must hold one checkpoint"),
    ],
)
def test_bad_requests_are_explained(name: str, origin: str | None, message: str) -> None:
    with pytest.raises(UserError, match=message):
        install(name, origin, quiet)


def test_verify_finds_a_changed_file(mine: Path) -> None:
    tokenizer = mine / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text() + " ")
    with pytest.raises(UserError, match=r"tokenizer\.json differs"):
        verify("mine")


def test_remove(mine: Path) -> None:
    remove("mine")
    assert not mine.exists()
    with pytest.raises(UserError, match='no model "mine" is installed'):
        remove("mine")
    with pytest.raises(UserError, match="part of Gavel"):
        remove("compact")


def test_the_fastest_that_agrees_is_chosen_and_numbers_are_shown_otherwise() -> None:
    good, bad = Agreement(0.0, 0.0, 0.0), Agreement(0.5, 0.4, 0.1)
    layout = Layout(streams=1, batch=1024, at_once=4096)
    trials = [
        Trial(Precision.INT8, bad, layout, 300.0, 1.0),
        Trial(Precision.BF16, good, layout, 200.0, 1.0),
        Trial(Precision.F32, good, layout, 100.0, 1.0),
    ]
    assert choose(trials, "m").precision is Precision.BF16
    with pytest.raises(UserError, match=r"int8: largest difference 0\.50000"):
        choose(trials[:1], "m")


@pytest.mark.parametrize("precision", Precision)
def test_nan_never_agrees(precision: Precision) -> None:
    apart = compare(np.array([[0.5]]), np.array([[np.nan]]))
    assert not apart.within(BARS[precision])


@pytest.mark.usefixtures("mine")
async def test_scoring_opens_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []

    class Watched(socket.socket):
        def connect(self, where: object) -> None:
            opened.append(where)
            raise ConnectionRefusedError

    monkeypatch.setattr(socket, "socket", Watched)
    for engine in ("auto", "reference"):
        scorer = open_scorer("mine", engine=engine)
        await scorer.score(["hello"])
        await scorer.close()
    assert opened == []
