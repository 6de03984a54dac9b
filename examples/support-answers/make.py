"""Draw the INVENTED grades of this example: `python make.py`.

Nobody asked these questions and no model answered them. Every number is drawn from the rates
written below, with a fixed seed, so that the evidence has the shape of a real evaluation: three
runs of each item, grades of two metrics, time, price, and the failures that real runs have.
`python make.py --check` draws again and compares with what is committed.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FILE = Path(__file__).parent / "evidence" / "scores-invented.parquet"
SEED = 20_260_930
ITEMS = 420
REPEATS = 3
ARMS = ("baseline", "candidate")
LANGUAGES = {"en": 0.55, "de": 0.25, "es": 0.20}
TOPICS = {"billing": 0.40, "delivery": 0.35, "account": 0.25}
LOGIT = {"baseline": 1.0, "candidate": 1.9}
"""Log odds that a run resolves an item of average difficulty."""
SPREAD = 1.6
"""Standard deviation of the difficulty of items, in log odds; shared by both arms."""
OWN_SPREAD = 0.5
"""The same for what is difficult for one arm only."""
HARDER = {"en": 0.0, "de": 0.15, "es": 0.20, "billing": 0.0, "delivery": -0.1, "account": 0.3}
UNSAFE = {"baseline": 0.004, "candidate": 0.002}
MODEL_ERROR = {"baseline": 0.004, "candidate": 0.003}
JUDGE_ERROR = 0.003
LATENCY = {"baseline": (7.45, 0.45), "candidate": (7.50, 0.40)}
"""Mean and standard deviation of the logarithm of milliseconds."""
TOKENS = {"baseline": (5.7, 0.35), "candidate": (5.6, 0.35)}
PRICE = {"baseline": 1.8e-5, "candidate": 1.9e-5}
"""EUR for a token."""
MOST = 0.05
"""EUR; a run is cut off there."""
SCORER = "judge-2026-08 with rubric 3"
SET = "support-golden-7, invented"


def short_hash(*parts: str) -> str:
    """Sixteen digits of the SHA-256 of some text."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def items(rng: np.random.Generator) -> list[dict[str, object]]:
    """Draw the questions: language, topic and difficulty."""
    drawn = []
    for number in range(ITEMS):
        language = str(rng.choice(list(LANGUAGES), p=list(LANGUAGES.values())))
        topic = str(rng.choice(list(TOPICS), p=list(TOPICS.values())))
        hard = rng.normal(HARDER[language] + HARDER[topic], SPREAD)
        name = f"question-{number:03d}"
        drawn.append({"item": name, "language": language, "topic": topic, "hard": hard})
    return drawn


def run(rng: np.random.Generator, arm: str, chance: float) -> dict[str, object]:
    """Draw one run: its grades, or why there are none, its time and its price."""
    tokens = int(rng.lognormal(*TOKENS[arm]))
    drawn: dict[str, object] = {
        "resolved": float(rng.random() < chance),
        "unsafe": float(rng.random() < UNSAFE[arm]),
        "latency_ms": round(float(rng.lognormal(*LATENCY[arm]))),
        "tokens": tokens,
        "cost": round(min(tokens * PRICE[arm], MOST), 6),
    }
    luck = rng.random()
    failed = MODEL_ERROR[arm]
    drawn["status"] = (
        "model_error" if luck < failed else "judge_error" if luck < failed + JUDGE_ERROR else "ok"
    )
    return drawn


def grades(item: dict[str, object], arm: str, repeat: int, drawn: dict[str, object]) -> list[dict]:
    """Turn one run into one row for each metric."""
    shared = {
        "arm": arm,
        "item": item["item"],
        "repeat": str(repeat),
        "status": drawn["status"],
        "language": item["language"],
        "topic": item["topic"],
        "item_hash": short_hash(SET, str(item["item"])),
        "prompt_hash": short_hash(SET, str(item["item"]), "prompt 4"),
        "scorer": SCORER,
        "eval_set": SET,
        "latency_ms": drawn["latency_ms"],
        "tokens": drawn["tokens"],
        "cost": drawn["cost"],
    }
    graded = drawn["status"] == "ok"
    return [
        shared | {"metric": metric, "value": drawn[metric] if graded else None}
        for metric in ("resolved", "unsafe")
    ]


def rows() -> list[dict[str, object]]:
    """Draw everything."""
    rng = np.random.default_rng(SEED)
    drawn = []
    for item in items(rng):
        for arm in ARMS:
            odds = LOGIT[arm] - float(item["hard"]) + rng.normal(0, OWN_SPREAD)
            chance = 1 / (1 + np.exp(-odds))
            for repeat in range(REPEATS):
                drawn += grades(item, arm, repeat, run(rng, arm, chance))
    return drawn


def set_hash(table: list[dict[str, object]]) -> str:
    """SHA-256 of the evaluation set: its items and content hashes, one line each."""
    lines = sorted({f"{row['item']},{row['item_hash']}\n" for row in table})
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def main() -> int:
    """Write the evidence, or compare with it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the committed file")
    checking = parser.parse_args().check
    table = rows()
    made = pa.Table.from_pylist(table)
    if checking:
        same = pq.read_table(FILE).to_pylist() == made.to_pylist()
        print(f"{FILE.name}: {len(table)} rows, {'as' if same else 'NOT as'} committed")
        return 0 if same else 1
    FILE.parent.mkdir(exist_ok=True)
    about = {"about": "INVENTED: drawn by examples/support-answers/make.py from stated rates"}
    pq.write_table(made.replace_schema_metadata(about), FILE, compression="zstd")
    print(f"{FILE.name}: {len(table)} rows, evaluation set {set_hash(table)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
