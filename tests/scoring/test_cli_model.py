import gzip
import json
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
import torch

from bot.cli import main
from bot.cli.model_eval import read_rows
from bot.errors import UserError
from bot.scoring.catalogue import find
from tests.scoring import tiny

ROWS = [
    {"text": "you are kind", "labels": {"toxicity": 0.0, "insult": 0}},
    {"text": "you are a <b>muppet</b>", "labels": {"toxicity": 1.0, "insult": 1}},
    {"text": "hello there", "labels": {"toxicity": 0.0}, "functionality": "greeting"},
    {"text": "off with you!", "labels": {"toxicity": 1.0}, "functionality": "sending away"},
    {"id": 1, "variant": "plain", "text": "the tall man", "labels": {"toxicity": 0}},
    {"id": 1, "variant": "identity_swapped", "text": "the old man", "labels": {"toxicity": 0}},
]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, ROWS)).encode()))
    return path


def test_install_list_verify_remove(
    tiny_models: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["model", "install", "mine", "--from", str(tiny_models["bert"])]) == 0
    told = capsys.readouterr().out
    assert "Installed mine: 6 labels." in told
    assert "bulk work is done in" in told
    assert main(["model", "list"]) == 0
    shown = capsys.readouterr().out
    assert "tokens/s" in shown
    assert "bert, a checkpoint of your own" in shown
    assert "toxicity, severe_toxicity, obscene, threat, insult, identity_attack" in shown
    assert "gavel model verify compact" in shown
    assert "original-small  ALBERT, English, six labels, small download (not installed)" in shown
    assert "…" not in shown
    assert main(["model", "list", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert len(rows["mine"]["labels"]) == 6
    assert not rows["unbiased"]["installed"]
    assert main(["model", "verify", "mine"]) == 0
    assert "largest difference" in capsys.readouterr().out
    assert main(["model", "remove", "mine"]) == 0
    assert main(["model", "remove", "mine"]) == 2
    assert "no model" in capsys.readouterr().err


def test_a_spoiled_model_spoils_no_list(
    home: Path, tiny_models: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(tiny_models["bert"], home / "models" / "spoiled")
    (home / "models" / "spoiled" / "gavel.json").write_text("{")
    assert main(["model", "list"]) == 0
    assert "gavel.json cannot be read" in capsys.readouterr().out


def test_a_broken_installation_is_listed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("mine", "original"):
        staging = home / "models" / f".{name}~0badcafe.partial"
        staging.mkdir(parents=True)
        (staging / "a.ckpt.part").write_bytes(bytes(2_500_000))
    assert main(["model", "list"]) == 0
    shown = capsys.readouterr().out
    assert "BERT, English, six labels (not installed; 2.5 MB of it are here" in shown
    assert "mine            (not installed; 2.5 MB" in shown


def test_unknown_model_names_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "verify", "original"]) == 2
    assert "gavel model install original" in capsys.readouterr().err


def test_eval_prints_figures(
    tiny_models: dict[str, Path], data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(tiny_models["bert"])
    assert main(["model", "eval", model, str(data), "--html", "page.html"]) == 0
    shown = capsys.readouterr().out
    assert "toxicity" in shown
    assert "movement between identity-swapped pairs" in shown
    assert "functionality: right answers where toxicity is cut at 0.5" in shown
    assert "sending away" in shown
    page = Path("page.html").read_text(encoding="utf-8")
    HTMLParser().feed(page)
    assert page.count("<svg") == 4
    for told in ("recall", "share with label", "average precision", "expected calibration error"):
        assert told in page
    assert "http" not in page
    assert main(["model", "eval", model, str(data), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["sets"][0]["labels"][0]["rows"] == 6


def test_eval_needs_a_label_that_the_model_has(
    tiny_models: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("text,sexual_explicit\nhello,0\n")
    assert main(["model", "eval", str(tiny_models["bert"]), "a.csv"]) == 2
    told = capsys.readouterr().err
    assert "labels no row with anything that bert scores" in told
    assert "identity_attack" in told


def test_figures_are_told_though_the_page_cannot_be_written(
    tiny_models: dict[str, Path], data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["model", "eval", str(tiny_models["bert"]), str(data), "--html", "nowhere/page.html"]
    assert main(words) == 2
    done = capsys.readouterr()
    assert "movement between identity-swapped pairs" in done.out
    assert "cannot write nowhere/page.html" in done.err


def test_eval_reads_csv(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("text,toxicity,functionality\nhello,0,greeting\nbye,,\n")
    assert read_rows(path) == [
        {"text": "hello", "labels": {"toxicity": 0.0}, "functionality": "greeting"},
        {"text": "bye", "labels": {}},
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"text": "x", "labels": {}}\nno json\n', "a.jsonl:2:1"),
        ("a.jsonl", '{"text": 1}', 'expected an object with a "text"'),
        ("a.jsonl", '{"text": "x", "labels": {"toxicity": 2}}', "from 0 to 1"),
        ("a.jsonl", '{"text": "x", "labels": {"toxic": 1}}', 'did you mean "toxicity"?'),
        ("a.jsonl", "", "holds no rows"),
        ("a.csv", "text,toxic\nx,1\n", "no column of a label (toxicity, "),
        ("a.csv", "body\nx\n", 'no column "text"'),
        ("a.csv", "text,toxicity\nx,much\n", "a.csv:2"),
        ("a.csv", "text,toxicity\nx,7\n", "from 0 to 1"),
        ("a.jsonl.gz", "not packed", "cannot read"),
    ],
)
def test_eval_names_bad_rows(tmp_path: Path, name: str, content: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(UserError) as caught:
        read_rows(path)
    assert message in caught.value.render()


@pytest.fixture
def poisoned(tmp_path: Path, tiny_models: dict[str, Path]) -> str:
    """A model that knows no number for texts with the letter z."""
    folder = tmp_path / "poisoned"
    shutil.copytree(tiny_models["bert"], folder)
    path = find(str(folder)).checkpoint
    content = torch.load(path, weights_only=True)
    vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    content["state_dict"]["bert.embeddings.word_embeddings.weight"][vocabulary["z"]] = torch.nan
    path.unlink()
    tiny.save(folder, content)
    return str(folder)


def test_a_text_that_the_model_fails_on_spoils_no_other(
    poisoned: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = ["hello", "z", "you"]
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps({"text": each}) for each in texts))
    assert main(["score", "--model", poisoned, "--in", "in.jsonl"]) == 1
    done = capsys.readouterr()
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [row["scores"] is None for row in rows] == [False, True, False]
    assert rows[1]["windows"] == 0
    assert "1 of the texts have no scores: the model gave a score that is not a number" in done.err


def test_eval_of_a_model_that_fails_is_no_bug(
    poisoned: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data.jsonl").write_text('{"text": "z", "labels": {"toxicity": 1}}')
    assert main(["model", "eval", poisoned, "data.jsonl"]) == 2
    told = capsys.readouterr().err
    assert "error: the model gave a score that is not a number" in told
    assert "gavel model verify" in told


def test_cache_shows_and_clears(
    tiny_models: dict[str, Path], data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cache"]) == 0
    assert "Nothing is cached yet" in capsys.readouterr().out
    assert main(["model", "eval", str(tiny_models["bert"]), str(data)]) == 0
    capsys.readouterr()
    assert main(["cache"]) == 0
    assert "-bf16: 6 texts" in capsys.readouterr().out
    assert main(["cache", "clear"]) == 0
    assert main(["cache", "show"]) == 0
    assert "Nothing is cached yet" in capsys.readouterr().out
