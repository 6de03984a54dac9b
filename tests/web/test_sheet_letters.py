"""Parts of an answer sheet in the browser: their letters follow each other."""

import re
from string import ascii_uppercase

from web.persons import Player


def test_parts_of_a_sheet_are_lettered_without_a_gap(playing: Player) -> None:
    letters = re.findall(r'<legend><span class="letter"[^>]*>(\w)</span>', playing.sees())
    assert len(letters) > 3
    assert "".join(letters) == ascii_uppercase[: len(letters)]
