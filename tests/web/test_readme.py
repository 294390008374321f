"""README's lines for HTTP work, as they stand there."""

import asyncio
import json
import os
import re
from pathlib import Path
from typing import Any

from tests.web.house import House, http_house

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8448"


def lines() -> list[str]:
    section = README.split("## Comments over HTTP", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\$ (curl .*)$", section, flags=re.MULTILINE)


async def shell(house: House, line: str, **variables: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        line.replace(ADDRESS, house.address),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **variables},
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return dict(json.loads(output))


async def test_the_lines_of_the_readme_work(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house:
        key = (await house.key("submit", "read", "decide"))["Authorization"].split()[1]
        one, taken, listed, decided = lines()
        verdict = await shell(house, one, KEY=key)
        assert verdict["action"] == "flag"
        assert len((await shell(house, taken, KEY=key))["accepted"]) == 2
        found = (await shell(house, listed, KEY=key))["verdicts"]
        assert [each["id"] for each in found] == [verdict["id"]]
        after = await shell(house, decided, KEY=key, ID=verdict["id"])
        assert after["case"]["decision"] == "uphold"
