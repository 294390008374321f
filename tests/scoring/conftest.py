"""Tiny models, made once a session, in Detoxify's format."""

from pathlib import Path

import pytest
import torch

from tests.scoring import tiny

# Tiny models gain nothing from threads, and lose much where other work wants the processor too.
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders by architecture."""
    root = tmp_path_factory.mktemp("models")
    for kind in tiny.KINDS:
        tiny.make(root / kind, kind)
    return {kind: root / kind for kind in tiny.KINDS}
