"""The ramp of the guide is the ramp of the example."""

import pytest

from docs.pages import DOCS, ROOT, blocks

EXAMPLE = ROOT / "examples" / "feed-ramp"


@pytest.mark.parametrize("title", ["world.toml", "contract.toml"])
def test_the_guide_shows_the_files_of_the_example(title: str) -> None:
    shown = {block.title: block.text for block in blocks(DOCS / "guides" / "rollout.md")}
    assert shown[title] == (EXAMPLE / title).read_text(encoding="utf-8")
