"""Looks at the page in a real browser: it fits a phone, and it reaches for nothing."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from pathlib import Path

from bot.report import Tally, html
from tests.report.corpus import about, comment, community, match, screened

LONG = "rose" * 200


def browser() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    assert found, "this test needs Chromium; .ci/run installs it"
    return found


async def dump(page: Path, profile: Path, *flags: str) -> str:
    """Return the document after its scripts have run."""
    process = await asyncio.create_subprocess_exec(
        browser(),
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *(f"--user-data-dir={profile}", "--virtual-time-budget=2000", *flags),
        *("--dump-dom", page.as_uri()),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await process.communicate()
    return output.decode()


def page() -> str:
    """Return a report whose every name is far wider than a phone."""
    tally = Tally()
    wide = comment(20, f"{LONG} {LONG}", LONG, id=LONG, parent_id="c2")
    for item in [*community(), screened(wide, match(wide.text, LONG, rule=LONG, reason=LONG))]:
        tally.add(item)
    return html(tally.summary(), about(files=(LONG,)))


FRAME = """<!doctype html><iframe id="phone" src="report.html" style="width:360px;height:800px">
</iframe><pre id="answer"></pre><script>
phone.onload = () => {
  const page = phone.contentDocument;
  const style = (node) => phone.contentWindow.getComputedStyle(node);
  const question = page.querySelectorAll.bind(page);
  const link = page.querySelector("[data-filter-rule]");
  const width = page.documentElement.scrollWidth;
  link.click();
  const shown = [...question(".filtered .card")].filter((card) => !card.hidden).length;
  const veiled = question('.filtered .veil[aria-hidden="true"]').length;
  const blur = style(question(".filtered .veil")[0]).filter;
  question(".filtered .reveal")[0].click();
  const open = style(question(".filtered .veil")[0]).filter;
  page.getElementById("show-all").click();
  const left = question('.veil[aria-hidden="true"]').length;
  const fetched = phone.contentWindow.performance.getEntriesByType("resource").length;
  answer.textContent = JSON.stringify({ width, shown, veiled, blur, open, left, fetched });
};
</script>"""


async def test_the_page_fits_a_phone_veils_and_filters(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(page(), encoding="utf-8")
    frame = tmp_path / "frame.html"
    frame.write_text(FRAME, encoding="utf-8")
    document = await dump(frame, tmp_path / "profile", "--allow-file-access-from-files")
    found = re.search(r'<pre id="answer">(.*?)</pre>', document)
    assert found, "the page did not load"
    answer = json.loads(found[1])
    assert answer["width"] <= 360, "the page scrolls sideways on a phone"
    assert answer["shown"] == 2, "a rule's link shows its comments only"
    assert answer["veiled"] > 0, "veiled texts are kept from screen readers"
    assert answer["blur"].startswith("blur(")
    assert answer["open"] == "none", "one checkbox shows one comment"
    assert answer["left"] == 0, "one checkbox shows all"
    assert answer["fetched"] == 0


async def test_the_page_connects_to_nothing_even_when_something_was_forged(tmp_path: Path) -> None:
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A browser may open a connection for a frame before it asks the policy; it sends nothing.
        if line := await reader.readline():
            asked.append(line)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        forged = (
            f'<img src="{address}/image"><link rel="stylesheet" href="{address}/style">'
            f'<script>document.title = "forged"; fetch("{address}/script")</script>'
            f'<iframe src="{address}/frame"></iframe></main>'
        )
        path = tmp_path / "report.html"
        path.write_text(page().replace("</main>", forged), encoding="utf-8")
        document = await dump(path, tmp_path / "profile")
    assert forged[:20] in document
    assert "<title>forged</title>" not in document
    assert asked == []
