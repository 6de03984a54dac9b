"""Draw docs/img/web/: every page in light and dark, as the guide on pages shows them.

Needs a Chromium on PATH and the `test` extra: the pages are those of the workspace of the tests.
Run it when pages change.
"""

import base64
import struct
import sys
import tempfile
import zlib
from collections import Counter
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import pytest  # noqa: E402

import flights  # noqa: E402 - found in the folder that was just named
from browsing import Visitor, chromium, served  # noqa: E402
from visits import VISITS, picture_of  # noqa: E402

TARGET = ROOT / "docs" / "img" / "web"
THEMES = ("light", "dark")
SIZE = {"width": 860, "height": 540}
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


def main() -> int:
    """Make the workspace, go to every page in both themes, take its picture."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for old in TARGET.glob("*.png"):
        old.unlink()
    with (
        tempfile.TemporaryDirectory(prefix="shipcall-pictures-") as name,
        pytest.MonkeyPatch.context() as patch,
        sync_playwright() as playwright,
    ):
        folder = Path(name)
        workspace = flights.flown(folder)
        patch.setenv("SHIPCALL_KEY", str(folder / "signing.key"))
        flights.shelved(folder / "again", patch)
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        desk = browser.new_page()
        with served(workspace) as site:
            for theme in THEMES:
                visitor = Visitor(browser, site, color_scheme=theme, viewport=SIZE)
                for path, visits in VISITS.items():
                    page = visitor.goes(visits[0].address)
                    page.wait_for_load_state("networkidle")
                    (TARGET / picture_of(path, theme)).write_bytes(small(page.screenshot(), desk))
                visitor.leaves()
        browser.close()
    sizes = {file.name: file.stat().st_size for file in sorted(TARGET.glob("*.png"))}
    for file, size in sizes.items():
        print(f"{size:>7,} bytes  {file}{'  TOO LARGE' if size > LARGEST else ''}")
    return int(max(sizes.values()) > LARGEST)


if __name__ == "__main__":
    sys.exit(main())
