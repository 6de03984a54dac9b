"""Stages of a release. STAGES is the one table of those this version can examine."""

from collections.abc import Mapping

from shipcall.stages._stage import Measuring, Samples, Stage, Summed
from shipcall.stages.cohort import COHORT
from shipcall.stages.gate import GATE
from shipcall.stages.rollout import ROLLOUT
from shipcall.stages.shadow import SHADOW

STAGES: Mapping[str, Stage] = {stage.name: stage for stage in (GATE, SHADOW, ROLLOUT, COHORT)}

__all__ = ["STAGES", "Measuring", "Samples", "Stage", "Summed"]
