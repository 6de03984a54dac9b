"""Inference bill in words: the question that is open, and the range that it implies."""

from dataclasses import dataclass

from shipcall.studies.bill import InferenceBill, Line, Span, inference_bill
from shipcall.studies.study import Chart, Column, Point, Study, Table
from shipcall.studies.study import Line as Curve

_QUESTIONS = {
    "per_user_day": "How many inferences does a user make in a day? Say it with --per-user-day, "
    "as 12 or 5-20, or in [costs] inferences_per_user_day.",
    "users": "How many users are there in a day? Say it with --users; the table is for a million.",
    "price": "What does one inference cost? Say it with --price or in [costs] inference_each; "
    "until then the table counts inferences.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What was said of serving."""

    price: float | None
    users: Span | None
    per_user_day: Span | None
    currency: str


def bill_parts(said: Bill) -> Study:
    """Work out what serving costs in every case that is open.

    Args:
        said: What is known.
    """
    bill = inference_bill(said.price, said.users, said.per_user_day)
    return Study(
        name="costs",
        title="Serving",
        sentence=_sentence(bill, said),
        questions=tuple(_QUESTIONS[name] for name in _QUESTIONS if name in bill.unknown),
        stated=_stated(said),
        tables=(_table(bill, said),),
        charts=_charts(bill, said),
    )


def _sentence(bill: InferenceBill, said: Bill) -> str:
    if said.price is None:
        return "Serving has no bill yet: nobody said what one inference costs."
    low, high = (_money(line.day or 0.0, said) for line in (bill.low, bill.high))
    if not bill.unknown:
        years = [_money(line.year or 0.0, said) for line in (bill.low, bill.high)]
        if bill.low == bill.high:
            return f"Serving costs {low} a day, {years[0]} a year."
        return f"Serving costs {low} to {high} a day, {years[0]} to {years[1]} a year."
    many = "a million" if said.users is None else _many(said.users)
    if "per_user_day" in bill.unknown:
        return (
            "Serving has no bill yet: how many inferences does a user make in a day? With "
            f"{many} daily users at {said.price:g} {said.currency} each it is {low} a day for "
            f"{bill.low.per_user_day:g} and {high} a day for {bill.high.per_user_day:g}."
        ).replace("  ", " ")
    return f"Serving a million daily users costs {low}{_to(low, high)} a day; how many are there?"


def _to(low: str, high: str) -> str:
    return "" if low == high else f" to {high}"


def _many(users: Span) -> str:
    ends = [f"{end:,.0f}" for end in users.tried]
    return " to ".join(ends)


def _money(amount: float, said: Bill) -> str:
    text = f"{amount:,.0f}" if amount >= 100 else f"{amount:.3g}"
    return f"{text} {said.currency}".rstrip()


def _stated(said: Bill) -> tuple[str, ...]:
    told = []
    if said.price is not None:
        told.append(f"an inference costs {said.price:g} {said.currency}".rstrip())
    if said.users is not None:
        told.append(f"daily users: {_many(said.users)}")
    if said.per_user_day is not None:
        often = " to ".join(f"{end:g}" for end in said.per_user_day.tried)
        told.append(f"inferences of a user in a day: {often}")
    return tuple(told)


def _table(bill: InferenceBill, said: Bill) -> Table:
    columns = (
        Column(name="users", title="daily users"),
        Column(name="per_user_day", title="inferences per user and day"),
        Column(name="inferences", title="inferences per day"),
        Column(name="day", title="a day", unit=said.currency),
        Column(name="month", title="a month", unit=said.currency),
        Column(name="year", title="a year", unit=said.currency),
    )
    return Table(
        name="bill",
        title="Serving",
        columns=columns,
        rows=tuple(_row(line) for line in bill.lines),
    )


def _row(line: Line) -> dict[str, float | None]:
    return {
        "users": line.users,
        "per_user_day": line.per_user_day,
        "inferences": line.inferences,
        "day": line.day,
        "month": line.month,
        "year": line.year,
    }


def _charts(bill: InferenceBill, said: Bill) -> tuple[Chart, ...]:
    """The bill against the number that nobody said; nothing to draw where it was said."""
    points = tuple(Point(x=line.per_user_day, y=line.day) for line in bill.lines if line.day)
    if "per_user_day" not in bill.unknown or len(bill.lines) < 2 or len(points) < 2:
        return ()
    if len({line.users for line in bill.lines}) > 1:
        return ()
    low, high = (_money(line.day or 0.0, said) for line in (bill.low, bill.high))
    return (
        Chart(
            name="bill",
            title="A day of serving against inferences per user and day",
            says=f"From {low} to {high} a day.",
            x_title="inferences per user and day",
            y_title="a day",
            y_unit=said.currency,
            x_log=True,
            y_log=True,
            lines=(Curve(title="bill", tone="candidate", points=points),),
        ),
    )
