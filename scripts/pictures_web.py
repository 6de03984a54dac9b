"""Draw docs/img/web/: every page in light and dark, as the guide on pages shows them.

Needs a Chromium on PATH and the `test` extra: the workspace is that of `shipcall demo`, with the
releases of the tests at the stages which the demo has not reached, and a case of practice.
Run it when pages change.
"""

import base64
import struct
import sys
import tempfile
import zlib
from collections import Counter
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import pytest  # noqa: E402

import flights  # noqa: E402 - found in the folder that was just named
from browsing import Visitor, chromium, served  # noqa: E402
from shipcall.app import practise  # noqa: E402
from shipcall.app.demo import demo  # noqa: E402
from shipcall.app.practise_room import open_room  # noqa: E402
from studied import study_all  # noqa: E402
from visits import VISITS, picture_of  # noqa: E402

TARGET = ROOT / "docs" / "img" / "web"
THEMES = ("light", "dark")
SIZE = {"width": 860, "height": 600}
ADDRESSES = {
    f"{flights.STAGED['rollout']}/rollout": f"{flights.STAGED['rollout']}/rollout#rollout",
    f"{flights.STAGED['cohort']}/cohort": f"{flights.STAGED['cohort']}/cohort#beside",
    f"{flights.TOLD}/debrief": f"{flights.TOLD}/debrief#ladder",
    f"/releases/{flights.OPEN}/": "/releases/digit-reader-5/",
    f"/releases/{flights.OPEN}": "/releases/tumour-screen-2",
    f"{flights.STAGED['cohort']}/plan": "tumour-screen-2/plan",
    "/ledger/0": "/ledger/2",
    "threshold=0.62": "threshold=0.62#designer",
    f"costs?file={flights.OPEN}/contract.toml&false_alarm=1&miss=5&live_rate=0.2": "costs?"
    "file=tumour-screen/contract.toml&false_alarm=1&miss=20&live_rate=0.01#chart-1",
    f"labels?file={flights.OPEN}/contract.toml&gains=accuracy%3D3pp": "labels?"
    "file=tumour-screen/contract.toml&gains=callback%3D3pp&counting=0.1",
}
"""Part of an address in the workspace of the tests -> what is shown in its place."""
CASE = practise.Wish(case="ticket-triage", seed=11)
SCRIPT = {
    "look": ["headline", "bar", "reliability"],
    "sheet": {
        "call": "recalibrate",
        "causes": {"too_sure": 0.7, "better": 0.25, "same": 0.05},
        "claims": {"too_sure": 0.75, "far": 0.3, "better": 0.6, "pays": 0.35, "same": 0.05},
        "why": "Past the bar it is right less often than it states; fit it again, then judge.",
    },
    "rule": "Before a bar on confidence, hold what is stated against what is right.",
}
LARGEST = 60_000
"""Bytes of one picture: a page shows many."""
COLOURS = 256
UNPACK = """async (png) => {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const drawn = canvas.getContext("2d");
  drawn.drawImage(image, 0, 0);
  const bytes = drawn.getImageData(0, 0, image.width, image.height).data;
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return [image.width, image.height, btoa(text)];
}"""


def small(png: bytes, desk: Page) -> bytes:
    """Write a picture with its most frequent colours; every other becomes the nearest of them.

    Args:
        png: The picture.
        desk: A blank page, which takes the picture apart.
    """
    wide, high, text = desk.evaluate(UNPACK, base64.b64encode(png).decode())
    raw = base64.b64decode(text)
    pixels = [raw[at : at + 3] for at in range(0, len(raw), 4)]
    counted = Counter(pixels)
    palette = [colour for colour, _ in counted.most_common(COLOURS)]

    def nearest(colour: bytes) -> int:
        apart = [sum((a - b) ** 2 for a, b in zip(colour, one, strict=True)) for one in palette]
        return apart.index(min(apart))

    place = {colour: nearest(colour) for colour in counted}
    drawn = bytes(place[pixel] for pixel in pixels)
    lines = b"".join(b"\0" + drawn[y * wide : (y + 1) * wide] for y in range(high))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part))
        for name, part in (
            (b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 3, 0, 0, 0)),
            (b"PLTE", b"".join(palette)),
            (b"IDAT", zlib.compress(lines, 9)),
            (b"IEND", b""),
        )
    )


def furnished(root: Path, patch: pytest.MonkeyPatch) -> None:
    """Make the demo, a release at every later stage, a play that was told and one to begin.

    Args:
        root: A folder that is not there yet.
        patch: Gives plays their names.
    """
    demo(root)
    for stage, name in flights.STAGED.items():
        flights.staged(root / name, stage, name)
    study_all(root)
    room = open_room(root)
    patch.setattr("shipcall.app.practise.new_id", lambda _: flights.TOLD)
    practise.scripted(room, replace(CASE, scripted=True), SCRIPT)
    patch.setattr("shipcall.app.practise.new_id", lambda _: flights.READY)
    practise.start(room, CASE)
    flights.prepared(root)


def shown_at(address: str) -> str:
    """Where a page of the workspace of the tests is to be seen in this one."""
    part = next((part for part in ADDRESSES if part in address), "")
    return address.replace(part, ADDRESSES.get(part, ""), 1)


def main() -> int:
    """Make the workspace, go to every page in both themes, take its picture."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="shipcall-pictures-") as name,
        pytest.MonkeyPatch.context() as patch,
        sync_playwright() as playwright,
    ):
        patch.setenv("SHIPCALL_KEY", str(Path(name) / "signing.key"))
        patch.setenv("SHIPCALL_BY", "mara")
        flights.patient(patch)
        workspace = Path(name) / "shipcall-demo"
        furnished(workspace, patch)
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        desk = browser.new_page()
        with served(workspace) as site:
            for theme in THEMES:
                visitor = Visitor(browser, site, color_scheme=theme, viewport=SIZE)
                for path, visits in VISITS.items():
                    page = visitor.goes(shown_at(visits[0].address))
                    page.wait_for_load_state("networkidle")
                    (TARGET / picture_of(path, theme)).write_bytes(small(page.screenshot(), desk))
                visitor.leaves()
        browser.close()
    wanted = {picture_of(path, theme) for path in VISITS for theme in THEMES}
    for old in TARGET.glob("*.png"):
        if old.name not in wanted:
            old.unlink()
    sizes = {file.name: file.stat().st_size for file in sorted(TARGET.glob("*.png"))}
    for file, size in sizes.items():
        print(f"{size:>7,} bytes  {file}{'  TOO LARGE' if size > LARGEST else ''}")
    return int(max(sizes.values()) > LARGEST)


if __name__ == "__main__":
    sys.exit(main())
