"""A store on disk for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.sqlite import Store, open_store
from tests.store.examples import NOON


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store(tmp_path / "store.sqlite", now=lambda: NOON)
    yield opened
    await opened.close()
