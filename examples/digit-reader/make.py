"""Train both models and write the out-of-fold predictions: `python make.py`.

Data: the digits set of scikit-learn (1,797 images of 8 x 8 pixels; Alpaydin and Kaynak, UCI).
Every prediction comes from a model that did not see that image. The candidate's training leaves
out the images which lean to the right, as a cleaning step would that drops what it cannot
straighten; the evaluation leaves out nothing. `python make.py --check` trains again and compares
with what is committed.
"""

import argparse
import csv
import hashlib
import sys
from pathlib import Path

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

FILE = Path(__file__).parent / "evidence" / "predictions.csv"
SEED = 1797
SIDE = 8
CLASSES = 10
CLOSE = 0.005
"""Probabilities from another build of the linear algebra may differ by this much."""
SLANTS = ("left", "upright", "right")
INKS = ("faint", "medium", "bold")


def baseline() -> object:
    """Logistic regression on thumbnails of 4 x 4 pixels: what runs today."""
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def candidate() -> object:
    """A support vector machine on all pixels, with calibrated probabilities."""
    return CalibratedClassifierCV(SVC(gamma=0.001, C=10), cv=3)


def thumbnails(images: np.ndarray) -> np.ndarray:
    """Average 2 x 2 pixels; shape (images, 64) to (images, 16)."""
    half = SIDE // 2
    return images.reshape(-1, half, 2, half, 2).mean(axis=(2, 4)).reshape(-1, half * half)


def slant(images: np.ndarray) -> np.ndarray:
    """Columns that the ink moves per row downwards; below zero the digit leans to the right."""
    row, column = (grid.ravel() for grid in np.mgrid[:SIDE, :SIDE])
    ink = images / images.sum(axis=1, keepdims=True)
    middle = ink @ row
    along = ink @ (row * column) - middle * (ink @ column)
    return along / (ink @ (row * row) - middle**2)


def thirds(values: np.ndarray, names: tuple[str, str, str]) -> np.ndarray:
    """Name the third each value lies in."""
    return np.array(names)[np.digitize(values, np.quantile(values, [1 / 3, 2 / 3]))]


def out_of_fold(
    model: object, inputs: np.ndarray, labels: np.ndarray, taught: np.ndarray
) -> np.ndarray:
    """Predict every image by a model that saw only `taught` images of other folds."""
    said = np.zeros((len(labels), CLASSES))
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    for train, held_out in folds.split(inputs, labels):
        chosen = train[taught[train]]
        said[held_out] = model.fit(inputs[chosen], labels[chosen]).predict_proba(inputs[held_out])
    return said


def rounded(said: np.ndarray) -> np.ndarray:
    """Keep four decimals; what rounding took goes to the likeliest class, so rows sum to one."""
    short = said.round(4)
    best = said.argmax(axis=1)
    short[np.arange(len(said)), best] += 1.0 - short.sum(axis=1)
    return short


def rows() -> list[dict[str, str]]:
    """Give one row per image, with ten probabilities said by each model."""
    images, labels = load_digits(return_X_y=True)
    lean = thirds(-slant(images), SLANTS)
    ink = thirds(images.sum(axis=1), INKS)
    everything = np.full(len(labels), fill_value=True)
    said = {
        "baseline": rounded(out_of_fold(baseline(), thumbnails(images), labels, everything)),
        "candidate": rounded(out_of_fold(candidate(), images, labels, lean != "right")),
    }
    return [
        {
            "unit": f"image-{number:04d}",
            "label": str(label),
            "slant": str(lean[number]),
            "ink": str(ink[number]),
            "item_hash": hashlib.sha256(images[number].astype(np.uint8).tobytes()).hexdigest()[:16],
        }
        | {
            f"{arm}_{digit}": f"{table[number, digit]:.4f}"
            for arm, table in said.items()
            for digit in range(CLASSES)
        }
        for number, label in enumerate(labels)
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
            number = name.startswith(("baseline", "candidate"))
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
