"""Blinds: a release whose contract wants a person's call before the verdict is shown."""

import random
from pathlib import Path

from builders import score_rows, scores_contract, write_contract, write_csv
from shipcall.app.release import judge_release, seal_release

BLIND = "[decision]\nblind = true\n"


def blind_release(folder: Path) -> Path:
    """Sealed and judged SHIP, and nobody has called. Its verdict is entry 2 of the ledger."""
    file = write_contract(folder, scores_contract(400, bar="may_lose = 0.2", rest=BLIND))
    seal_release(file, even_so="a test")
    draw = random.Random(1)  # noqa: S311 - evidence, no secret
    values = [[float(draw.random() < share) for _ in range(400)] for share in (0.6, 0.7)]
    write_csv(folder / "scores.csv", score_rows(*values))
    judge_release(file, "gate")
    return file
