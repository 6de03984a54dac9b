"""The row expressions of every metric compile for nine engines, without any of them.

Golden files are our own output: they freeze, they do not verify. Renew: SHIPCALL_GOLDEN=write.
"""

import os
from pathlib import Path

import ibis
import pytest

from shipcall.metrics import METRICS, Granularity, Options, Prices, Statistic

GOLDEN = Path(__file__).parent / "sql"
DIALECTS = (
    "bigquery",
    "clickhouse",
    "databricks",
    "duckdb",
    "mysql",
    "postgres",
    "snowflake",
    "sqlite",
    "trino",
)
ARMS = ("baseline", "candidate")


def view(kind: str) -> ibis.Table:
    """The table that a metric's rows are computed on."""
    metric = METRICS[kind]
    columns = {"unit": "string", "cluster": "string"}
    numbers: tuple[str, ...]
    if metric.formats == ("predictions",):
        columns |= {"label": "string", "label_number": "float64", "weight": "float64"}
        columns |= {f"{arm}_text": "string" for arm in ARMS}
        numbers = ("number", "truth", "confidence", "square")
    elif metric.granularity is Granularity.UNIT:
        numbers = ("total",)
        columns |= {f"{arm}_{name}": "int64" for arm in ARMS for name in ("count", "hits")}
    elif metric.formats == ("rankings",):
        columns |= dict.fromkeys(("relevant", "code", "catalogue"), "int64")
        columns |= dict.fromkeys(("ideal", "reward", "expected"), "float64")
        counts = ("hits", "first", "listed", "alike")
        columns |= {f"{arm}_{name}": "int64" for arm in ARMS for name in counts}
        numbers = ("gain", "precisions", "rarity", "shown", "weight", "modelled")
    elif metric.formats == ("preferences",):
        columns |= dict.fromkeys(("won", "first", "judge", "human", "chance"), "float64")
        columns |= {"labelled": "boolean"}
        numbers = ()
    elif metric.formats == ("shadow_pairs",):
        numbers = ("error", "cost", "fallback")
        columns |= {f"{arm}_decision": "string" for arm in ARMS}
    else:
        numbers = ("value", "latency_ms", "cost")
    columns |= {f"{arm}_{name}": "float64" for arm in ARMS for name in numbers}
    return ibis.table(columns, name="rows")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_metric_compiles_for(dialect: str) -> None:
    parts = []
    for kind, metric in METRICS.items():
        if metric.statistic is Statistic.COHORTS:
            continue  # counted by its own queries, not summed over rows
        t = view(kind)
        for numbered in (False, True):
            options = Options(
                name="m",
                k=2,
                q=0.9,
                column=metric.column or ("cost" if "column" in metric.required else None),
                per="value" if "per" in metric.required else None,
                prices=Prices(1.0, 20.0) if "prices" in metric.options else None,
                classes=("0", "1"),
                numbered=numbered,
            )
            sql = ibis.to_sql(t.select(**metric.rows(t, options)), dialect=dialect)
            parts.append(f"-- {kind}{', one probability per class' if numbered else ''}\n{sql}\n")
            if metric.formats != ("predictions",):
                break
    text = "\n".join(parts)
    path = GOLDEN / f"{dialect}.sql"
    if os.environ.get("SHIPCALL_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text("utf-8") == text
