"""shadow_pairs: rows are the panel, requests come from the busy, truth is that of both models."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import integrate, special

from shipcall.world.chance.draws import Floats, generator
from shipcall.world.chance.laws import draw
from shipcall.world.models.answers import decisions, rights
from shipcall.world.people import crowd
from shipcall.world.people.cells import cells
from shipcall.world.people.population import population
from shipcall.world.rollout import shadow
from shipcall.world.truth import World


def world(**sections: object) -> World:
    plain = {
        "people": {"count": 2_000, "churn": 0.03, "growth": 0.02},
        "days": 4,
        "trait": [{"column": "country", "levels": {"NZ": 1, "US": 3}, "visits": {"NZ": 2.0}}],
        "shadow": {"days": 3, "sample": 0.5},
        "model": {
            "baseline": {"unsafe": 0.1, "lost": 0.05},
            "candidate": {"unsafe": 0.02, "error": 0.04, "skill": 1.5},
        },
        "effect": [{"where": {"country": "NZ"}, "skill": -1.0, "latency": 2.0}],
    }
    return World.model_validate({"shipcall_world": 1, "name": "w", "seed": 5, **plain, **sections})


def whole(known: World) -> pa.Table:
    table = shadow.TABLE
    return pa.concat_tables([table.rows(known, c) for c in range(table.chunks(known))])


def end(row: dict[str, object], arm: str) -> str:
    if row[f"status_{arm}"] != "ok":
        return {"infra_error": "lost", "model_error": "failed"}[str(row[f"status_{arm}"])]
    return f"{row[f'decision_{arm}']}{', unsafe' if row[f'safety_{arm}'] else ''}"


def counted(known: World) -> Floats:
    counts = np.zeros((2, 6, 6))
    for row in whole(known).to_pylist():
        kinds = [shadow.ENDS.index(end(row, arm)) for arm in ("baseline", "candidate")]
        counts[int(row["country"] == "US"), kinds[0], kinds[1]] += 1
    return counts.reshape(2, 36)


def test_rows_are_the_panel_of_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "CHUNK", 300)
    monkeypatch.setattr(shadow, "CHUNK", 200)
    known = world()
    panel = draw(shadow.shadow_pairs_laws(known), generator(known, "panels", "shadow_pairs"))
    assert shadow.TABLE.chunks(known) > crowd.chunks(known) > 5
    assert (counted(known) == panel["pairs"]).all()


def test_as_many_requests_are_copied_as_people_make() -> None:
    """By hand: 2,000 people, 1 request a day on average, 3 busy days, half of them copied."""
    known = world(people={"count": 2_000})
    law = shadow.shadow_pairs_laws(known)["pairs"]
    each = [
        shadow.shadow_pairs_laws(known, population(known).law().draw(np.random.default_rng(s)))
        for s in range(200)
    ]
    rates = [laws["pairs"].rate.sum() for laws in each]  # type: ignore[attr-defined]
    assert np.mean(rates) == pytest.approx(3_000, abs=20)
    assert law.rate.sum() == pytest.approx(3_000, rel=0.1)  # type: ignore[attr-defined]


def test_panels_vary_around_the_truth_as_their_law_says() -> None:
    law, rng = shadow.shadow_pairs_laws(world())["pairs"], np.random.default_rng(3)
    drawn = np.array([law.draw(rng) for _ in range(3_000)])
    rate = law.rate  # type: ignore[attr-defined]
    assert (np.abs(drawn.mean(axis=0) - rate) < 4.5 * np.sqrt(rate / 3_000) + 1e-9).all()


def test_requests_come_from_the_busy() -> None:
    """Chosen in proportion to the rate r: its mean over requests is sum r^2 / sum r over people."""
    known = world(people={"count": 5_000, "spread": 0.8, "visits": 4.0}, trait=[], effect=[])
    who = crowd.crowd(known, 0)
    rate = dict(zip(crowd.units(known, 0, who.band).to_pylist(), who.rate, strict=True))
    seen = [rate[unit] for unit in whole(known)["cluster"].to_pylist()]
    expected = (who.rate**2).sum() / who.rate.sum()
    assert expected > 1.5 * who.rate.mean()
    assert np.mean(seen) == pytest.approx(expected, abs=4.5 * np.std(seen) / np.sqrt(len(seen)))


def test_requests_fall_into_shadow_mode_while_the_person_is_there() -> None:
    known = world()
    who = crowd.crowd(known, 0)
    spell = dict(
        zip(
            crowd.units(known, 0, who.band).to_pylist(),
            zip(who.joined, who.left, strict=True),
            strict=True,
        )
    )
    for row in whole(known).to_pylist():
        hour = (row["at"] - known.start).total_seconds() / 3600
        joined, left = spell[row["cluster"]]
        assert joined - 1e-6 <= hour <= min(left, 72) + 1e-6


def test_skipped_people_are_never_copied() -> None:
    known = world(shadow={"days": 3, "sample": 0.5, "skipped": {"country": "NZ"}})
    assert set(whole(known)["country"].to_pylist()) == {"US"}
    facts = {(f["metric"], f["slice"]): f["candidate"] for f in shadow.shadow_pairs_truth(known)}
    assert facts["agree", "copied"] == pytest.approx(facts["agree", "country=US"])
    assert float(facts["agree", "all"]) < float(facts["agree", "copied"])


def test_slices_of_skipped_people_that_do_not_exist_are_refused() -> None:
    known = world(shadow={"skipped": {"country": "FR"}})
    with pytest.raises(ValueError, match="no level 'FR'"):
        shadow.shadow_pairs_laws(known)


def logistic_normal(skill: float, nodes: Floats) -> Floats:
    """E[logistic(skill - d - own)] over own ~ N(0, .5), by adaptive quadrature."""

    def given(d: float) -> float:
        value, _ = integrate.quad(
            lambda x: special.expit(skill - d - 0.5 * x) * np.exp(-(x**2) / 2), -9, 9
        )
        return float(value / np.sqrt(2 * np.pi))

    return np.array([given(d) for d in nodes])


def test_right_decisions_follow_shared_and_own_difficulty() -> None:
    """scipy.integrate.quad over own difficulty, trapezoid over the shared one."""
    known = world(trait=[], effect=[])
    grid = np.linspace(-8, 8, 401)
    density = np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi) * (grid[1] - grid[0])
    one, other = logistic_normal(1.0, grid), logistic_normal(1.5, grid)
    expected = [(density * one).sum(), (density * other).sum(), (density * one * other).sum()]
    law = decisions(known, cells(known))[0]
    both = law[0, 0, 0] + law[1, 1, 1]
    assert rights(known, cells(known))[0] == pytest.approx(expected[:2], abs=1e-6)
    assert both == pytest.approx(expected[2], abs=1e-6)
    assert law.sum(axis=(1, 2)) == pytest.approx([0.7, 0.3])


def test_a_classifier_is_right_as_often_as_two_normal_laws_say() -> None:
    """Even classes, distance 2: Phi(2 / 2) of both are right."""
    known = world(
        kind="classifier",
        items={"positive": 0.5},
        model={"baseline": {"skill": 2.0}, "candidate": {"skill": 2.0}},
        trait=[],
        effect=[],
    )
    assert rights(known, cells(known))[0] == pytest.approx([special.ndtr(1.0)] * 2, abs=2e-3)


def test_truth_is_what_the_law_of_the_rows_says() -> None:
    """By hand: 2 % and 10 % unsafe answers; 4 % of requests fail, lost ones are nobody's."""
    facts = {(f["metric"], f["slice"]): f for f in shadow.shadow_pairs_truth(world())}
    assert facts["unsafe", "all"]["baseline"] == pytest.approx(0.1)
    assert facts["unsafe", "country=NZ"]["candidate"] == pytest.approx(0.02)
    assert facts["failed", "all"]["candidate"] == pytest.approx(0.04)
    assert facts["failed", "all"]["baseline"] == 0.0


def test_rows_agree_as_often_as_truth_says() -> None:
    known = world(people={"count": 6_000})
    facts = {(f["metric"], f["slice"]): f["candidate"] for f in shadow.shadow_pairs_truth(known)}
    for country in ("NZ", "US"):
        rows = [
            row["decision_baseline"] == row["decision_candidate"]
            for row in whole(known).to_pylist()
            if row["country"] == country and row["decision_baseline"] and row["decision_candidate"]
        ]
        error = np.sqrt(0.25 / len(rows))
        assert np.mean(rows) == pytest.approx(facts["agree", f"country={country}"], abs=4.5 * error)


def test_a_lost_answer_was_not_measured_and_a_failed_one_decided_nothing() -> None:
    for row in whole(world()).to_pylist():
        lost, failed = (
            row["status_baseline"] == "infra_error",
            row["status_candidate"] == "model_error",
        )
        assert (row["latency_ms_baseline"] is None) == lost
        assert (row["decision_baseline"] is None) == lost
        assert (row["safety_candidate"] is None) == failed
        assert row["latency_ms_candidate"] is not None


def test_a_cell_whose_people_all_came_later_asks_nothing() -> None:
    """Who joins on day 2 makes no request in a shadow mode of one day."""
    known = world(shadow={"days": 1, "sample": 1.0}, days=4)
    people = population(known)
    late = people.spells.joined >= 24
    assert late.any()
    hours = [(row["at"] - known.start).total_seconds() for row in whole(known).to_pylist()]
    assert max(hours) <= 24 * 3600
