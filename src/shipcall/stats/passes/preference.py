"""Preference: win rates of both models in both orders, from two passes over blocks of rows."""

from collections.abc import Mapping

from shipcall.stats.clusters import Clusters
from shipcall.stats.passes.balanced import BalancedPasses
from shipcall.stats.preference import by_order
from shipcall.stats.sample import Floats, Lost, PairSample


class PreferencePasses:
    """The sample that `preference.preference_sample` gives of all rows, to about ten digits.

    Args:
        influence: Sum contributions into the buckets of joint methods.
    """

    def __init__(self, *, influence: bool) -> None:
        self._orders = BalancedPasses(classes=2, influence=influence)

    def first(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See the rows of a block for the first time: won and first, as `preference_sample`."""
        self._orders.first(by_order(columns["won"], columns["first"]), clusters)

    def settle(self) -> bool:
        """Go on to the second pass."""
        return self._orders.settle()

    def second(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See the rows of a block again, as for `first`."""
        self._orders.second(by_order(columns["won"], columns["first"]), clusters)

    def sample(self, lost: Lost) -> PairSample:
        """Give the sample of all rows."""
        return self._orders.sample(lost)
