"""Let the bots play every case and write where cases and bots stand on the scale of ratings.

`python scripts/strengths.py [PLAYS]`, 200 plays of each case by default; takes minutes. The same
cases give the same file.
"""

import sys
from pathlib import Path

from shipcall.practice.difficulty import bot_results, fit, landmarks_text
from shipcall.practice.play import draw_play
from shipcall.practice.shelf import load_case, slugs

FILE = Path(__file__).parents[1] / "src" / "shipcall" / "practice" / "strengths.toml"
SEED = 20_261_121


def main() -> None:
    """Play, place, write."""
    plays = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    results = {}
    for slug in slugs():
        case = load_case(slug)
        results[case.id] = bot_results(draw_play(case, SEED), plays, seed=SEED)
        print(case.id, slug, {who: round(mean, 3) for who, mean in results[case.id].items()})
    FILE.write_text(landmarks_text(fit(results, plays=plays)), encoding="utf-8")
    print(f"written: {FILE.name}")


if __name__ == "__main__":
    main()
