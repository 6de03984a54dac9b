"""Train both models and write the out-of-fold predictions: `python make.py`.

Data: the breast cancer set of scikit-learn (569 biopsies, thirty measurements of the cell nuclei
of each; Wolberg, Street and Mangasarian, UCI). Every prediction comes from a model that did not
see that biopsy. `python make.py --check` trains again and compares with what is committed.
"""

import argparse
import csv
import hashlib
import sys
from pathlib import Path

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

FILE = Path(__file__).parent / "evidence" / "predictions.csv"
SEED = 569
MEANS = 10
"""The first ten of the thirty columns are means over the nuclei of one image."""
CLOSE = 0.005
"""Probabilities from another build of the linear algebra may differ by this much."""


def baseline() -> object:
    """Logistic regression on the ten mean measurements: what runs today."""
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))


def candidate() -> object:
    """Boosted trees on all thirty measurements, calibrated on inner folds."""
    trees = GradientBoostingClassifier(n_estimators=60, random_state=SEED)
    return CalibratedClassifierCV(trees, method="sigmoid", cv=3)


def size_of(radius: np.ndarray) -> list[str]:
    """Name the third of the mean radius a biopsy lies in: known before any diagnosis."""
    edges = np.quantile(radius, [1 / 3, 2 / 3])
    return [("small", "medium", "large")[third] for third in np.digitize(radius, edges)]


def rows() -> list[dict[str, str]]:
    """Give one row per biopsy, with the probability of malignant said by each model."""
    data = load_breast_cancer()
    malignant = (data.target == 0).astype(int)
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    said = {
        arm: cross_val_predict(model, inputs, malignant, cv=folds, method="predict_proba")[:, 1]
        for arm, model, inputs in (
            ("baseline", baseline(), data.data[:, :MEANS]),
            ("candidate", candidate(), data.data),
        )
    }
    sizes = size_of(data.data[:, 0])
    return [
        {
            "unit": f"biopsy-{number:03d}",
            "label": str(label),
            "baseline": f"{said['baseline'][number]:.5f}",
            "candidate": f"{said['candidate'][number]:.5f}",
            "size": sizes[number],
            "item_hash": hashlib.sha256(data.data[number].tobytes()).hexdigest()[:16],
        }
        for number, label in enumerate(malignant)
    ]


def set_hash(table: list[dict[str, str]]) -> str:
    """SHA-256 of the evaluation set: its units, labels and content hashes, one line each."""
    lines = [f"{row['unit']},{row['label']},{row['item_hash']}\n" for row in table]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def differences(made: list[dict[str, str]], kept: list[dict[str, str]]) -> list[str]:
    """List where the committed rows differ from those made now."""
    if len(made) != len(kept):
        return [f"{len(kept)} rows are committed, {len(made)} were made"]
    found = []
    for new, old in zip(made, kept, strict=True):
        for name, value in new.items():
            number = name in ("baseline", "candidate")
            same = abs(float(value) - float(old[name])) <= CLOSE if number else value == old[name]
            if not same:
                found.append(f"{new['unit']} {name}: {old[name]} is committed, {value} was made")
    return found


def main() -> int:
    """Write the evidence, or compare with it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the committed file")
    checking = parser.parse_args().check
    table = rows()
    if checking:
        with FILE.open(encoding="utf-8", newline="") as stream:
            found = differences(table, list(csv.DictReader(stream)))
        print("\n".join(found[:20]) or f"{FILE.name}: {len(table)} rows, as committed")
        return 1 if found else 0
    FILE.parent.mkdir(exist_ok=True)
    with FILE.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    print(f"{FILE.name}: {len(table)} rows, evaluation set {set_hash(table)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
