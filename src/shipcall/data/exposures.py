"""Exposures: which units were dealt to which arm by chance, and when; all counted in the engine.

A stay is one unit in one step of the rollout, from its first exposure there. A unit enters with
those of its stays in which its arm was still left to chance.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import ibis

from shipcall.data.cells import as_micros, as_number, as_text, is_outside
from shipcall.data.connect import Engine
from shipcall.data.facts import Counted
from shipcall.data.faults import Trouble, refuse
from shipcall.data.placement import misplaced
from shipcall.data.ramp import ByArm, Integrity, Step
from shipcall.data.views import Bound, arm_of

MOST_STEPS = 1_000
"""More pairs of stage and share than this are no stages."""
_MOST_TEXTS = 1_000
_MORE = "(more)"
_FAILED = ("ERROR", "DEFAULT")
_1970 = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """A moment as microseconds since 1970 in UTC.

    Raises:
        ValueError: On a moment without a time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} names no time zone; nobody knows which rows come after it")
    return (moment - _1970) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Exposures:
    """The exposures until a moment; what comes later does not exist.

    Only one of these may be in use for an engine at a time: the tables it keeps have fixed names.
    """

    bound: Bound
    engine: Engine
    as_of: int
    """Microseconds since 1970."""
    sliced: tuple[str, ...] = ()
    """Slice columns that are wanted; they are called s0, s1, … in this order."""

    @property
    def what(self) -> str:
        """What an error message calls the table: its path."""
        return self.bound.source.path

    @property
    def levels(self) -> list[str]:
        """Columns s0, s1, … of `entries`."""
        return [f"s{i}" for i in range(len(self.sliced))]

    @cached_property
    def rows(self) -> Any:
        """Every row of the two arms: unit, candidate, stage, share, at, failed and texts."""
        t, parts = self.bound.table, self.bound.parts
        reason = as_text(parts.cell(t, "reason")).upper() if parts.has("reason") else None
        failed = ibis.literal(False) if reason is None else reason.isin(_FAILED).fill_null(False)
        nothing = ibis.literal("")
        texts = {
            name: as_text(parts.cell(t, name)).fill_null("") if parts.has(name) else nothing
            for name in ("bucketing", "contract")
        }
        view = t.select(
            unit=as_text(parts.cell(t, "unit")),
            arm=arm_of(self.bound, t),
            stage=as_text(parts.cell(t, "stage")),
            share=as_number(parts.cell(t, "share")),
            at=as_micros(parts.cell(t, "at")),
            failed=failed,
            **texts,
            **self.bound.levels(t, self.sliced),
        )
        view = view.filter(view.arm.notnull() & (view.at <= self.as_of))
        return view.mutate(candidate=view.arm == "candidate").drop("arm")

    @cached_property
    def used(self) -> Any:
        """The rows that count: the provider did not fail."""
        return self.rows.filter(~self.rows.failed)

    @cached_property
    def stays(self) -> Any:
        """One line per unit, stage and share; of each arm its first exposure, null without one.

        Where one arm has several rows at its first moment, the least texts count, so that the
        order of rows says nothing.
        """
        t = self.used
        names = ["at", "bucketing", *self.levels]
        first = ibis.struct({name: t[name] for name in names})
        grouped = t.group_by("unit", "stage", "share").aggregate(
            baseline=first.min(where=~t.candidate),
            candidate=first.min(where=t.candidate),
            rows=t.count(),
            last=t.at.max(),
        )
        return self.engine.keep("stays", grouped, self.what)

    @cached_property
    def _steps(self) -> Any:
        """One line per step, numbered in order of its first exposure."""
        t = self.stays
        seen = t.group_by("stage", "share").aggregate(
            first=ibis.least(t.baseline["at"].min(), t.candidate["at"].min()),
            last=t["last"].max(),
            baseline=t.baseline["at"].count(),
            candidate=t.candidate["at"].count(),
        )
        order = [seen["first"], seen.share, seen.stage]
        numbered = seen.mutate(step=ibis.row_number().over(order_by=order))
        steps = self.engine.keep("steps", numbered, self.what)
        strange = is_outside(steps.share, 0.0, 1.0) | steps.share.isnull()
        found = self.engine.row(
            steps.aggregate(count=steps.count(), strange=strange.sum()), self.what
        )
        if found["count"] > MOST_STEPS:
            raise refuse(
                Trouble.MAPPING,
                self.what,
                seen=f"{found['count']:,} pairs of stage and share",
                expected="the few stages of a rollout",
                fix="Map `stage` and `share` to the columns that name the stage and its share.",
            )
        if found["strange"]:
            raise refuse(
                Trouble.NOT_A_NUMBER,
                self.what,
                seen="a share that is no number in [0, 1]",
                expected="a share in [0, 1]; 1 % is 0.01",
                fix="Write shares, not percent.",
            )
        return steps

    def steps(self) -> tuple[Step, ...]:
        """The steps in order; an attempt is one more whenever the share fell."""
        steps: list[Step] = []
        for row in self.engine.fetch(self._steps.order_by("step"), self.what).to_pylist():
            fell = bool(steps) and row["share"] < steps[-1].share
            steps.append(
                Step(
                    name=row["stage"],
                    share=row["share"],
                    attempt=(steps[-1].attempt if steps else 1) + fell,
                    first=moment(row["first"]),
                    last=moment(row["last"]),
                    units=ByArm(row["baseline"], row["candidate"]),
                )
            )
        return tuple(steps)

    @cached_property
    def entries(self) -> Any:
        """One line per stay: its arm, its chance, and whether it enters.

        unit, step, share, at, candidate, chance (of the candidate, given the past of the unit),
        newcomer (first stay of the unit), crossed (the unit, at some time), both (the unit was
        seen with both arms), enters, s0, s1, …
        """
        return self.engine.keep("entries", _entering(self._placed()), self.what)

    def _placed(self) -> Any:
        """The stays with the number of their step, each with the arm of its first exposure."""
        t = self.stays.join(self._steps.select("stage", "share", "step"), ["stage", "share"])
        baseline, candidate = t.baseline["at"], t.candidate["at"]
        chosen = baseline.isnull() | (candidate < baseline).fill_null(False)
        names = ["at", "bucketing", *self.levels]
        return t.select(
            "unit",
            "step",
            "share",
            candidate=chosen,
            second=(baseline.notnull() & candidate.notnull()).ifelse(
                ibis.greatest(baseline, candidate), ibis.null("int64")
            ),
            had_baseline=baseline.notnull(),
            had_candidate=candidate.notnull(),
            **{name: chosen.ifelse(t.candidate[name], t.baseline[name]) for name in names},
        )

    def integrity(self) -> Integrity:
        """Count what the exposures say of the assignment."""
        rows, stays, entries = self.rows, self.stays, self.entries
        whole = self.engine.row(
            rows.aggregate(
                rows=rows.count(),
                baseline=(rows.failed & ~rows.candidate).sum(),
                candidate=(rows.failed & rows.candidate).sum(),
            ),
            self.what,
        )
        firsts = stays.baseline["at"].count() + stays.candidate["at"].count()
        more = self.engine.row(stays.aggregate(more=stays.rows.sum() - firsts), self.what)["more"]
        crossed = entries.newcomer & entries.crossed
        seen = self.engine.row(
            entries.aggregate(
                units=entries.newcomer.sum(),
                crossed=crossed.sum(),
                example=entries.unit.min(where=crossed),
            ),
            self.what,
        )
        return Integrity(
            rows=whole["rows"],
            units=seen["units"] or 0,
            repeated=more or 0,
            errored=ByArm(whole["baseline"] or 0, whole["candidate"] or 0),
            crossed=Counted(seen["crossed"] or 0, seen["example"]),
            misplaced=misplaced(stays, self.engine, self.what),
            bucketings=self._texts("bucketing"),
            contracts=self._texts("contract"),
            dealt=self._dealt(),
        )

    def _texts(self, name: str) -> Mapping[str, int]:
        """Rows by what stands in a column; what is left of too many values is summed up."""
        t = self.used
        counts = t.group_by(text=t[name]).aggregate(rows=t.count())
        order = [ibis.desc("rows"), "text"]
        most = self.engine.fetch(counts.order_by(order).limit(_MOST_TEXTS), self.what).to_pylist()
        found = {row["text"]: row["rows"] for row in most}
        if len(most) == _MOST_TEXTS:
            whole = self.engine.row(t.aggregate(rows=t.count()), self.what)["rows"]
            found[_MORE] = found.get(_MORE, 0) + whole - sum(found.values())
        return dict(sorted(found.items()))

    def _dealt(self) -> Mapping[tuple[int, float], ByArm]:
        t = self.entries
        free = t.filter(t.enters & (t.chance > 0) & (t.chance < 1))
        counts = free.group_by("step", "chance").aggregate(
            baseline=(~free.candidate).sum(), candidate=free.candidate.sum()
        )
        table = self.engine.fetch(counts.order_by("step", "chance"), self.what)
        return {
            (row["step"], row["chance"]): ByArm(row["baseline"], row["candidate"])
            for row in table.to_pylist()
        }


def moment(at: int) -> datetime:
    """Microseconds since 1970 as a moment in UTC."""
    return _1970 + timedelta(microseconds=at)


def _entering(t: Any) -> Any:
    """Say of every stay which chance it had, and whether it enters.

    What a unit saw before is ordered by time. From the moment in which it crosses it enters no
    more; what it entered before stays, so that a look at an earlier time is a part of a later one.
    """
    order = ["at", "step"]
    past = ibis.window(group_by="unit", order_by=order, preceding=(None, 1))
    alike = ibis.window(group_by=["unit", "bucketing"], order_by=order, preceding=(None, 1))
    number = ibis.null("float64")
    t = t.mutate(
        before=t.share.max().over(past),
        had=t.candidate.ifelse(1, 0).max().over(past).fill_null(0) == 1,
        held=t.candidate.ifelse(t.share, number).min().over(alike),
    )
    t = t.mutate(chance=_chance(t.share, t.before))
    back = (~t.candidate & (t.held <= t.share)).fill_null(False)
    ruled_out = ~t.had & ibis.ifelse(t.candidate, t.chance == 0, t.chance == 1)
    t = t.mutate(crossing=(back | ruled_out).ifelse(t.at, t.second))
    unit = ibis.window(group_by="unit")
    first = t.crossing.min().over(unit)
    both = t.had_baseline.any().over(unit) & t.had_candidate.any().over(unit)
    return t.mutate(
        newcomer=t.before.isnull(),
        crossed=first.notnull(),
        both=both,
        enters=~t.had & (t.at < first).fill_null(True),
    ).drop("before", "had", "held", "second", "crossing", "had_baseline", "had_candidate")


def _chance(share: Any, before: Any) -> Any:
    """Chance of the candidate for a unit that the baseline kept up to a greatest share."""
    kept = ibis.greatest(share - before, 0.0) / (1.0 - before)
    return ibis.cases((before.isnull(), share), (before >= 1, 0.0), else_=kept)
