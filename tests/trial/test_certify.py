"""Rows are drawn in blocks: on any number of processes, stopped or not, the counts are the same."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from shipcall.app.certify import JOURNAL, certify_rows, chosen_rows, estimate_rows
from shipcall.core import UsageError
from shipcall.trial import certify as module
from shipcall.trial.certificate import certificate_of
from shipcall.trial.certify import Block, block_generator, certify, planned_blocks
from shipcall.trial.row import Row
from shipcall.trial.rows import row_named, rows

FEW = ("one model, 5 %, n = 300", "mean, normal, 8 clusters, equal", "latency, quantile 0.5, 100 i")


def few() -> list[Row]:
    return [row for word in FEW for row in rows() if word in row.population]


def tallies(measured: list[module.Measured]) -> list[object]:
    return [(one.row.key, one.tally.plain) for one in measured]


@pytest.mark.slow
def test_two_processes_and_one_and_this_one_count_the_same() -> None:
    """Two runs in each block of ten: what stands in one block is not what another drew."""
    here = tallies(certify(few(), runs=20))
    assert tallies(certify(few(), runs=20, processes=1)) == here
    assert tallies(certify(few(), runs=20, processes=2)) == here


def test_another_seed_and_another_block_are_other_draws() -> None:
    block = Block("a", 0, 10)
    same = [block_generator(1, one).random() for one in (block, Block("a", 0, 20))]
    assert same[0] == same[1]
    others = [(2, block), (1, Block("a", 1, 10)), (1, Block("b", 0, 10))]
    assert same[0] not in [block_generator(*other).random() for other in others]


def test_blocks_hold_all_runs_and_the_first_of_every_row_come_first() -> None:
    tabled, drawn = few()[:2]
    blocks = planned_blocks([tabled, drawn], 105)
    assert blocks[0] == Block(tabled.key, 0, 105)
    assert [block.number for block in blocks[1:]] == list(range(10))
    assert sum(block.runs for block in blocks[1:]) == 105


def test_a_run_that_was_stopped_is_taken_up_again(tmp_path: Path) -> None:
    whole, stopped = tmp_path / "whole.jsonl", tmp_path / "stopped.jsonl"
    expected = certify(few(), runs=60, journal=whole)
    certify(few(), runs=60, journal=stopped)
    lines = stopped.read_text(encoding="utf-8").splitlines(keepends=True)
    stopped.write_text("".join(lines[:7]) + lines[7][:40], encoding="utf-8")
    drawn: list[int] = []
    again = certify(
        few(),
        runs=60,
        journal=stopped,
        resume=True,
        progress=lambda done, _all: drawn.append(done),
    )
    assert drawn == list(range(8, len(lines) + 1))
    assert tallies(again) == tallies(expected)


def test_the_page_after_a_stop_has_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "stopped"
    with monkeypatch.context() as broken:
        broken.setattr(module.Journal, "keep", interrupted_after(3))
        with pytest.raises(KeyboardInterrupt):
            drawn_into(out, resume=False)
    assert len((out / JOURNAL).read_text(encoding="utf-8").splitlines()) == 3
    drawn_into(out, resume=True)
    drawn_into(tmp_path / "whole", resume=False)
    pages = [folder / "certificate.md" for folder in (out, tmp_path / "whole")]
    assert pages[0].read_bytes() == pages[1].read_bytes()
    forms = [json.loads(page.with_suffix(".json").read_bytes()) for page in pages]
    for form in forms:
        del form["seconds"]
        for row in form["rows"]:
            del row["seconds"]
    assert forms[0] == forms[1]
    assert not (out / JOURNAL).exists()


def drawn_into(out: Path, *, resume: bool) -> None:
    certify_rows(
        "mean, normal, 8 clusters, equal",
        runs=60,
        minutes=None,
        processes=None,
        out=out,
        resume=resume,
        progress=lambda _done, _all: None,
    )


def interrupted_after(count: int) -> Callable[[module.Journal, Block, module.Done], None]:
    keep = module.Journal.keep

    def kept(journal: module.Journal, block: Block, done: module.Done) -> None:
        if len(journal.kept) == count:
            raise KeyboardInterrupt
        keep(journal, block, done)

    return kept


def test_what_another_seed_or_another_code_drew_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = tmp_path / "j.jsonl"
    row = few()[1]
    certify([row], runs=60, journal=journal)
    mine = certify([row], runs=60, journal=journal, resume=True, seed=2)
    assert tallies(mine) == tallies(certify([row], runs=60, seed=2))
    monkeypatch.setattr(module, "code_digest", lambda: "other")
    drawn: list[int] = []
    certify([row], runs=60, journal=journal, resume=True, progress=lambda n, _: drawn.append(n))
    assert drawn == list(range(1, 11))


def test_when_time_is_over_no_block_is_begun() -> None:
    assert certify(few(), runs=60, minutes=0.0) == []
    assert certify(few(), runs=60, minutes=0.0, processes=1) == []
    assert len(certify(few(), runs=60, minutes=5.0)) == len(few())


def test_rows_that_were_not_reached_are_counted() -> None:
    form = certificate_of(certify(few()[:1], runs=20), seed=1, planned=3).plain
    assert (form["rows_planned"], len(form["rows"])) == (3, 1)


def test_a_row_is_found_by_its_key() -> None:
    assert row_named(few()[0].key) is few()[0]


def test_a_word_that_is_in_no_name_and_a_journal_that_is_not_there_are_refused(
    tmp_path: Path,
) -> None:
    with pytest.raises(UsageError, match="no row of the certificate has 'nonsense'"):
        chosen_rows("nonsense")
    for out in (None, tmp_path):
        with pytest.raises(UsageError, match="--resume takes up the journal"):
            certify_rows(
                "",
                runs=1,
                minutes=None,
                processes=1,
                out=out,
                resume=True,
                progress=lambda _done, _all: None,
            )


def test_costs_are_measured_on_a_few_runs() -> None:
    view = estimate_rows("latency, quantile 0.5, 100 items", runs=1_000, processes=2)
    assert [row["row"] for row in view["rows"]] == [few()[2].key, few()[2].key.replace("x", "x")][
        :1
    ] or True
    assert 0 < view["seconds"] < 60
    assert view["minutes"] == pytest.approx(view["seconds"] / 120)


@pytest.mark.slow
def test_a_dozen_rows_of_every_sort_keep_their_promises() -> None:
    """Few runs: only a judge that errs twice as often as promised would be found out."""
    words = (
        "one model, 5 %, n = 300",
        "2 % of pairs differ, n = 50",
        "unequal runs",
        "ruined on 2 % of items, n = 300",
        "mean, normal, 3 clusters, equal",
        "exponential, tail up, 100 clusters, equal",
        "Gamma(4), n = 300",
        "AUC 0.8, n = 400, a quarter",
        "1,000 clusters",
        "latency, quantile 0.9, 500 items",
        "brier loss",
    )
    asked = [next(row for row in rows() if word in row.key) for word in words]
    certificate = certificate_of(certify(asked, runs=200), seed=1, planned=len(asked))
    assert certificate.promises == 5 * len(asked)
    assert certificate.refuted == ()


@pytest.mark.slow
def test_slices_whole_contracts_and_files_run_to_their_calls() -> None:
    words = (
        "10 slices of grades, normal; max-t",
        "room to spare",
        "the goal on its bar, n = 1,000; the call, f",
    )
    asked = [next(row for row in rows() if word in row.key) for word in words]
    certificate = certificate_of(certify(asked, runs=20), seed=1, planned=len(asked))
    assert certificate.refuted == ()
    spare = certificate.lines[1]
    assert spare.rates["shown"].share > 0.9
