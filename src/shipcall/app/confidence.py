"""Confidence: do the models of a contract say how sure they are?"""

from shipcall.contract.contract import Contract
from shipcall.metrics import METRICS

TABLE = "predictions"


def states_confidence(contract: Contract) -> bool:
    """Does the contract promise a metric of scores or probabilities, on a table that holds them?

    Args:
        contract: As sealed, or as its file says.
    """
    if TABLE not in {str(name) for name in contract.evidence}:
        return False
    kinds = {spec.kind for spec in contract.metric.values()}
    return "roc_auc" in kinds or any(
        kind in METRICS and METRICS[kind].probability for kind in kinds
    )
