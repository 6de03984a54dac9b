"""Hostile: a release whose every name, text and file wants to be more than text."""

import csv
import json
from pathlib import Path

import numpy as np

from shipcall.app.release import call_release, judge_release, seal_release

MARK = "\"'></title></textarea></script><xss onxss=1>{{7*7}}&lt;"
"""Out of an attribute, an element and a template, into an element of its own."""
TURNED = "\u202eturned\u202c\u2066"
"""Overrides the direction of whatever stands after it."""
FORMULA = "=cmd()|'/C calc'!A1"
LONG = "long " * 400
ID = f"../{MARK}/gate"
"""Of the release: also a path, and the name of a tab at its end."""
FILE = "\"'><xss onxss=1>.csv"
"""Of the evidence: all that a file name may hold."""
COLUMN = "\"'><xss onxss>"
"""By which it is sliced: a column cannot hold a sign that parts columns from levels."""
LEVELS = (MARK, FORMULA, TURNED, LONG, "\U0001f4a9\u0301 ok", "+1", "-2", "@x", "a=b*c", "50%")
IDS = (
    "../x",
    "..%2Fx",
    "%2F",
    "a/b",
    "a/gate",
    "gate",
    "a/contract/page",
    "a/check/b",
    "ledger",
    "v2.json",
    "v2.html",
    "a/charts/b.svg",
    "50%",
    "why?#here&there=1",
    "a b+c",
    " ",
    "\u00fc\u4e2d\U0001f680",
    TURNED,
    "null\x00byte",
    "line\nbreak",
    MARK,
    FORMULA,
    LONG,
    "\\..\\x",
    "//evil.example/x",
    "javascript:alert(1)",
    "{id}",
)
"""Names of releases."""

_UNSEALED = """
shipcall = 1
[release]
id = {id}
kind = "classifier"
owner = "o"
baseline = "b"
candidate = "c"
change = "weights"
[unit]
id = "unit"
[evidence]
predictions = "p.csv"
[metric]
accuracy = {{ level = "model", kind = "accuracy" }}
[[check]]
id = "gate.accuracy"
stage = "gate"
role = "goal"
metric = "accuracy"
may_lose = 0.05
"""

_JUDGED = """
shipcall = 1
[release]
id = {id}
kind = "classifier"
surface = {text}
owner = {text}
baseline = {baseline}
candidate = {text}
change = "weights"
hypothesis = {text}
value = {text}
[unit]
id = "unit"
[harness]
eval_set = {{ name = {text} }}
scorer = {text}
owner = {text}
why = {text}
[evidence]
predictions = {{ path = {file}, expect = {{ units = 400 }} }}
[training_data]
sources = [{text}]
known_gaps = [{text}]
[metric]
{metric} = {{ level = "model", kind = "accuracy" }}
brier = {{ level = "model", kind = "brier" }}
[[check]]
id = {check}
stage = "gate"
role = "goal"
metric = {metric}
may_lose = 0.05
[slices]
by = [{column}]
metric = {metric}
may_lose = 0.2
min_units = 20
[[failure]]
mode = {text}
detector = {check}
containment = {text}
[design]
input = {text}
output = {text}
[decision]
signatures = [{text}, "ml"]
"""


def only_names(root: Path) -> Path:
    """Make a workspace of contracts that nobody sealed, one for every name."""
    for number, name in enumerate(IDS):
        folder = root / f"{number:02}"
        folder.mkdir(parents=True)
        text = _UNSEALED.format(id=json.dumps(name, ensure_ascii=False))
        (folder / "c.toml").write_text(text, encoding="utf-8")
    return root


def judged(root: Path) -> Path:
    """Make a workspace with one release that was judged and called, all of it hostile."""
    (root / ".shipcall").mkdir(parents=True)
    names = {
        "id": ID,
        "text": f"{MARK} {TURNED} {FORMULA}",
        "baseline": FORMULA,
        "file": FILE,
        "metric": MARK,
        "check": f"c/{MARK}.json",
        "column": COLUMN,
    }
    told = {name: json.dumps(text, ensure_ascii=False) for name, text in names.items()}
    contract = root / "contract.toml"
    contract.write_text(_JUDGED.format(**told), encoding="utf-8")
    seal_release(contract, even_so=MARK)
    _evidence(root / FILE, names["column"])
    judge_release(contract, "gate", unblind=True)
    call_release(contract, "HOLD", probability=0.5, why=f"{MARK}{TURNED}")
    return root


def _evidence(path: Path, column: str) -> None:
    rng = np.random.default_rng(5)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["unit", "label", "baseline", "candidate", column, MARK])
        for i, label in enumerate(rng.integers(0, 2, 400)):
            sure = rng.beta(4, 1.5, 2)
            stated = np.round(sure if label else 1 - sure, 4)
            level = LEVELS[i % len(LEVELS)]
            writer.writerow([f"{level[:40]} {i}", label, *stated, level, f"{MARK}\n{TURNED}"])
