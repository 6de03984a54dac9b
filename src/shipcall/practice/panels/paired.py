"""Paired: what two models made of the same things, by a law the case file states; rows are filed.

given = { metric = "came_back", items = 2800, base = 0.4, apart = 0.1, of = { fresh = 0.01 },
          slice = { compared = "fresh and a week old" } }

`items` things were put to both models. The baseline is right on `base` of them, both differ on
`apart` of them, and the candidate is right on `of` more: shares in [0, 1] of all items.

    only the candidate right   (apart + of) / 2
    only the baseline right    (apart - of) / 2
    both right                 base - (apart - of) / 2

Items are independent, so the four counts are multinomial, and the paired change has the variance
(apart - of squared) / items. All panels of this kind together are the table `scores` of the play.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from shipcall.practice.language import Linear, Panel, Section
from shipcall.practice.laws import Floats, Stack, Tallies
from shipcall.practice.panels.crosstabs import crosstab_of, paired_readings, row_of
from shipcall.practice.panels.panel import FromLaw, Setting, Shown
from shipcall.practice.points import line
from shipcall.world.chance.draws import generator
from shipcall.world.truth import ARMS

_RIGHT = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
"""Baseline and candidate right, for the cells in the order of `crosstabs`."""


class Given(Section):
    """What was compared, and how far both models are apart."""

    metric: str
    items: Annotated[int, Field(ge=2)]
    base: Annotated[float, Field(gt=0, lt=1)]
    apart: Annotated[float, Field(gt=0, lt=1)]
    of: Linear
    slice: dict[str, str]
    """Columns of the file by which a contract finds these rows."""


class Paired(FromLaw):
    """Counts of both right, only one, and neither; the file is written from them."""

    def stack(self, panel: Panel, setting: Setting) -> Stack:
        """Every item falls into one of four cells, independently of the others."""
        told = Given.model_validate(panel.given)
        change = line(told.of, setting.points)
        won, lost = (told.apart + change) / 2, (told.apart - change) / 2
        cells = np.stack([told.base - lost, lost, won, 1 - told.base - won], axis=-1)
        if float(cells.min()) < 0:
            raise ValueError(
                f"panel {panel.name!r}: base {told.base:g}, apart {told.apart:g} and changes up "
                f"to {np.abs(change).max():g} leave a chance below 0. Let the models differ on "
                "more items."
            )
        return Tallies(np.array([float(told.items)]), cells[:, None, :])

    def shown(self, panel: Panel, seen: Floats, setting: Setting) -> Shown:
        """One row: both shares, items won and lost, and the paired change with its interval."""
        del setting
        table = crosstab_of(seen)
        readings = paired_readings(table)
        where = " ".join(Given.model_validate(panel.given).slice.values())
        counts = {"won": table.only_candidate, "lost": table.only_baseline}
        return Shown(
            rows=[row_of(where, table.n, readings, **counts)], readings=readings, text=panel.text
        )

    def files(
        self, panels: Sequence[tuple[Panel, Floats]], setting: Setting
    ) -> Mapping[str, Mapping[str, Any]]:
        """Lay out the items of these panels one by one, in an order that tells nothing.

        Returns:
            "scores": column of the format -> values.
        """
        parts = [_rows(panel, seen, setting) for panel, seen in panels]
        names = parts[0].keys()
        return {"scores": {name: np.concatenate([part[name] for part in parts]) for name in names}}


def _rows(panel: Panel, seen: Floats, setting: Setting) -> dict[str, Any]:
    """Two rows for each item of one panel: what the baseline made of it, and the candidate."""
    told = Given.model_validate(panel.given)
    cells = np.repeat(np.arange(len(_RIGHT)), seen.astype(int))
    cells = generator(setting.drawn, "paired", panel.name).permutation(cells)
    rows = 2 * len(cells)
    names = [f"{panel.name}-{number:05d}" for number in range(len(cells))]
    return {
        "arm": np.tile(np.array(ARMS), len(cells)),
        "item": np.repeat(np.array(names), 2),
        "metric": np.full(rows, told.metric),
        "value": _RIGHT[cells].ravel(),
        "status": np.full(rows, "ok"),
        **{column: np.full(rows, level) for column, level in told.slice.items()},
    }
