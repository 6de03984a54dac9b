"""Commands that weigh options: estimates without a bar, so nothing can pass or fail."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from shipcall.cli.output import print_json, render_view, say
from shipcall.cli.release import FILE, JSON

_Command = Callable[..., None]
PRICE = click.option("--price", type=float, help="Of one inference; else [costs] inference_each.")
USERS = click.option(
    "--users", metavar="N", help="Daily users, as 50_000_000 or 1_000_000-2_000_000."
)
PER_USER_DAY = click.option(
    "--per-user-day", metavar="N", help="Inferences of a user in a day, as 12 or 5-20."
)


@click.group()
def study() -> None:
    """Weigh options: thresholds, cascades, bills. Exploratory; nothing here makes a call."""


def written(command: _Command) -> _Command:
    """Add the options that write a study as a page or a picture."""
    page = click.option("-o", "--output", type=click.Path(path_type=Path),
                        help="Also write the study as an HTML page.")  # fmt: skip
    svg = click.option("--svg", type=click.Path(path_type=Path),
                       help="Also write its first chart as a picture.")  # fmt: skip
    return page(svg(JSON(command)))


@study.command()
@FILE
@click.option("--metric", help="What an answer is worth; else the first that fits.")
@click.option("--first", type=click.Choice(["baseline", "candidate"]), default="baseline",
              show_default=True, help="The model that answers first.")  # fmt: skip
@click.option("--signal", metavar="COLUMN", help="How sure the first model is, in `scores`.")
@click.option("--keep", type=click.Choice(["high", "low"]), default="high", show_default=True,
              help="Answers with such a signal are kept.")  # fmt: skip
@click.option("--first-cost", type=float, help="Price of an answer of the first model.")
@click.option("--second-cost", type=float, help="Price of an answer of the second.")
@click.option("--second-right", type=float,
              help="No second model: a person or rule is right with this share.")  # fmt: skip
@click.option("--second-ms", type=float, help="Time the second takes, in ms.")
@click.option("--may-lose", type=float,
              help="Find the cheapest threshold that loses no more than so much.")  # fmt: skip
@click.option("--kept-right", type=float,
              help="Find the cheapest threshold whose kept answers are worth so much.")  # fmt: skip
@click.option("--threshold", type=float, help="Also look at exactly this threshold.")
@written
def cascade(file: Path, output: Path | None, svg: Path | None, as_json: bool, **asked: Any) -> None:  # noqa: FBT001
    """Say what a cheap model first and a dear one where it is unsure would be worth and cost."""
    from shipcall.app.study_cascade import cascade_study  # noqa: PLC0415
    from shipcall.app.study_cascade_form import Asked  # noqa: PLC0415

    _show(cascade_study(file, Asked(**asked)), output, svg, as_json=as_json)


@study.command()
@FILE
@click.option("--metric", help="Whose positive class and threshold count; else the first.")
@click.option("--false-alarm", type=float, help="Price of a negative that is called positive.")
@click.option("--miss", type=float, help="Price of a positive that is not called.")
@click.option("--live-rate", type=float, help="Share of positives live, where it is known.")
@click.option("--live-called", type=float,
              help="Share of live rows called positive; estimates the rate.")  # fmt: skip
@click.option("--live-rows", type=click.IntRange(1), help="Rows that --live-called was counted on.")
@USERS
@PER_USER_DAY
@PRICE
@written
def costs(file: Path, output: Path | None, svg: Path | None, as_json: bool, **asked: Any) -> None:  # noqa: FBT001
    """Say what errors cost at every threshold, here and live, and what serving costs."""
    from shipcall.app.study_costs import Asked, costs_study  # noqa: PLC0415

    _show(costs_study(file, Asked(**asked)), output, svg, as_json=as_json)


@study.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@PRICE
@USERS
@PER_USER_DAY
@click.option("--currency", metavar="WORD", help="Of the price; else that of [costs].")
@written
def bill(
    file: Path | None,
    output: Path | None,
    svg: Path | None,
    as_json: bool,  # noqa: FBT001 - click hands flags over like this
    **asked: Any,
) -> None:
    """Say what serving costs, or which factor nobody has said; a contract may state some."""
    from shipcall.app.study_bill import Asked, bill_study  # noqa: PLC0415

    _show(bill_study(file, Asked(**asked)), output, svg, as_json=as_json)


@study.command("list")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True),
                default=".")  # fmt: skip
@JSON
def list_(folder: Path, as_json: bool) -> None:  # noqa: FBT001
    """List the studies, what each has to be told first, and which contracts it can read."""
    from shipcall.app.study_list import studies_view  # noqa: PLC0415

    view = studies_view(folder)
    if as_json:
        print_json(view)
    else:
        render_view(view)


@study.command()
@FILE
@click.option("--gain", "gains", multiple=True, metavar="METRIC=VALUE",
              help="The gain that is hoped for, such as 0.03 or 3pp.")  # fmt: skip
@click.option("--discordance", type=float,
              help="Share of units on which the two models differ.  [default: 0.2]")  # fmt: skip
@click.option("--counting", type=float,
              help="Share of units that count for recall or precision.")  # fmt: skip
@click.option("--price", type=float, help="Of one label; else [costs] label_each.")
@written
def labels(file: Path, output: Path | None, svg: Path | None, as_json: bool, **asked: Any) -> None:  # noqa: FBT001
    """Say how many labels each claim of the gate takes, by slice, and at which price."""
    from shipcall.app.study_labels import Asked, labels_study  # noqa: PLC0415

    _show(labels_study(file, Asked(**asked)), output, svg, as_json=as_json)


@study.command()
@FILE
@click.option("--metric", help="Whose table is read; else the first of kind ips.")
@click.option("--expected", metavar="COLUMN",
              help="Reward expected of every item; else expected_reward.")  # fmt: skip
@written
def offpolicy(
    file: Path,
    output: Path | None,
    svg: Path | None,
    as_json: bool,  # noqa: FBT001 - click hands flags over like this
    **asked: Any,
) -> None:
    """Say what a log of choices, their chances and rewards tells of a model that did not serve."""
    from shipcall.app.study_offpolicy import Asked, offpolicy_study  # noqa: PLC0415

    _show(offpolicy_study(file, Asked(**asked)), output, svg, as_json=as_json)


@study.command()
@FILE
@click.option("--metric", help="Of graded runs; else the first that fits.")
@click.option("--item-price", type=float, help="Of an item beside its runs.")
@click.option("--run-price", type=float, help="Of one run of both models with its grades.")
@written
def repeats(file: Path, output: Path | None, svg: Path | None, as_json: bool, **asked: Any) -> None:  # noqa: FBT001
    """Say how much of the spread is chance, which items are flaky, what more runs would buy."""
    from shipcall.app.study_repeats import Asked, study_repeats  # noqa: PLC0415

    _show(study_repeats(file, Asked(**asked)), output, svg, as_json=as_json)


@study.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reference", metavar="MODEL",
              help="Tell strengths against this model; else against the mean of all.")  # fmt: skip
@click.option("--without", multiple=True, metavar="MODEL",
              help="Leave out the comparisons of this model; may be repeated.")  # fmt: skip
@click.option("--cluster", metavar="COLUMN",
              help="What items depend on together; else `cluster`, where it is there.")  # fmt: skip
@click.option("--judge", metavar="COLUMN", help="Who compared; else `judge`, where it is there.")
@written
def strengths(
    file: Path,
    output: Path | None,
    svg: Path | None,
    as_json: bool,  # noqa: FBT001 - click hands flags over like this
    **asked: Any,
) -> None:
    """Say how strong each of several models is, from comparisons of two; needs no contract.

    FILE is a CSV, Parquet or JSONL table with the columns item, first, second and preferred.
    """
    from shipcall.app.study_strengths import Asked, strengths_view  # noqa: PLC0415

    _show(strengths_view(file, Asked(**asked)), output, svg, as_json=as_json)


def _show(view: dict[str, Any], page: Path | None, svg: Path | None, *, as_json: bool) -> None:
    from shipcall.app.study import write_study  # noqa: PLC0415

    for path in write_study(view, svg=svg, html=page):
        say(f"wrote {path}")
    if as_json:
        print_json(view)
    else:
        render_view(view)


COMMANDS = (study,)
