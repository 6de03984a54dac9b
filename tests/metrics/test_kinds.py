import pytest

from shipcall.contract.contract import MetricSpec
from shipcall.metrics import METRICS
from shipcall.metrics.kind import EVERY_KIND_READS
from shipcall.metrics.kinds import KINDS, OTHER_NAMES


def test_every_option_of_a_kind_is_a_key_of_the_contract() -> None:
    options = {option for kind in KINDS.values() for option in kind.options}
    assert options | set(EVERY_KIND_READS) == set(MetricSpec.model_fields)
    assert not options & set(EVERY_KIND_READS)


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_says_what_it_is_and_never_has_two_best_sides(name: str) -> None:
    kind = KINDS[name]
    assert kind.name == name
    assert kind.meaning.endswith(".")
    assert kind.better in (None, "higher", "lower")
    assert kind.better is None or kind.target is None
    assert len(set(kind.options)) == len(kind.options)


def test_other_names_lead_to_kinds_and_are_not_kinds() -> None:
    assert set(OTHER_NAMES.values()) <= set(KINDS)
    assert not set(OTHER_NAMES) & set(KINDS)


@pytest.mark.parametrize("name", METRICS)
def test_what_can_be_measured_can_be_promised_with_the_same_options(name: str) -> None:
    metric, kind = METRICS[name], KINDS[name]
    assert set(metric.options) <= {*kind.options, *EVERY_KIND_READS}
    assert set(metric.required) == set(kind.required)
    assert kind.better in (None, metric.better)
