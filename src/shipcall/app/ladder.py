"""The ladder as people ask for it: which cases, how many plays, where to."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from shipcall.core import plain
from shipcall.practice.bots import BOTS
from shipcall.practice.ladder import Rung, Standing, rung_of, stand
from shipcall.practice.play import draw_play
from shipcall.practice.queue import GAMES, WORK, cases_to_tell, judged_losses, table_of
from shipcall.practice.shelf import load_case, slugs
from shipcall.report.ladder import ladder_page

View = dict[str, Any]
SEED = 20261121
PAIRS = (
    ("oracle", "checklist"),
    ("oracle", "weak answer"),
    ("checklist", "gate at p < .05"),
    ("checklist", "weak answer"),
    ("checklist", "coin"),
)


def climb(
    names: Sequence[str],
    *,
    plays: int,
    judged: int,
    out: Path | None,
    progress: Callable[[str], None],
) -> View:
    """Let fixed players play the cases, and say whether the cases score what they mean to.

    Args:
        names: Slugs or ids; none: all cases.
        plays: Redrawn plays of each case.
        judged: Plays of each case that are written to files and judged by its contract.
        out: Folder for ladder.md and ladder.json; None: nothing is kept.
        progress: Is told which case is played.
    """
    began = time.monotonic()
    cases = [load_case(name) for name in (names or slugs())]
    first, standings, calls = [], [], {}
    for case in cases:
        progress(f"{case.id} {case.slug}")
        play = draw_play(case, SEED)
        first.append(play)
        found = stand(play, plays, seed=SEED)
        if judged and case.stage is not None:
            lost, calls[case.id] = judged_losses(case, judged, seed=SEED)
            found = _with_work(found, lost)
        standings.append(found)
    progress("the mixed queue")
    table = table_of(first, plays, seed=SEED + 1)
    form: View = {
        "kind": "ladder",
        "seed": SEED,
        "plays": plays,
        "judged": judged,
        "cases": [
            _form(case.slug, one, calls.get(case.id))
            for case, one in zip(cases, standings, strict=True)
        ],
        "queue": {who: table.mean(who) for who in table.losses},
        "games": list(GAMES),
        "needed": [
            {"better": a, "worse": b, "cases": cases_to_tell(table.losses[a], table.losses[b])}
            for a, b in PAIRS
        ],
    }
    form["refuted"] = refuted(form)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "ladder.md").write_text(ladder_page(form), encoding="utf-8")
        text = json.dumps(form, sort_keys=True, indent=1, ensure_ascii=False)
        (out / "ladder.json").write_text(text + "\n", encoding="utf-8")
    return {**form, "seconds": time.monotonic() - began}


def refuted(form: View) -> list[str]:
    """Say what a ladder must hold and does not."""
    said = []
    for case in form["cases"]:
        name, rungs = case["id"], {rung["who"]: rung for rung in case["rungs"]}
        order = [rungs[who] for who in BOTS if who in rungs and who != WORK]
        for better, worse in pairwise(order):
            error = (better["error"] ** 2 + worse["error"] ** 2) ** 0.5
            if better["loss"] > worse["loss"] + 2.6 * error:
                said.append(f"{name}: {better['who']} loses more than {worse['who']}")
        if case["ranks_p"] < 0.001:
            said.append(f"{name}: the oracle is not calibrated (p = {case['ranks_p']:.2g})")
        if not 0.8 <= case["auc"] <= 0.98:
            said.append(f"{name}: trap and twin are told apart with AUC {case['auc']:.3f}")
        weak = rungs["weak answer"]
        if weak["in_trap"] <= weak["in_twin"]:
            said.append(f"{name}: the weak answer does not fall into the trap")
    queue = form["queue"]
    said += [
        f"{who} beats the checklist in the mixed queue"
        for who in GAMES
        if len(form["cases"]) > 1 and queue[who] <= queue["checklist"]
    ]
    return said


def _form(slug: str, found: Standing, calls: Any) -> View:
    form = {"slug": slug, "id": found.case, **plain(found)}
    del form["case"]
    return form | {"verdicts": dict(calls) if calls else None}


def _with_work(found: Standing, lost: Any) -> Standing:
    known = lost[~np.isnan(lost)]
    if len(known) < 2:
        return found
    rung: Rung = rung_of(WORK, known, None)
    return replace(found, rungs=(*found.rungs, rung))
