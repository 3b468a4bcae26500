"""Priors, assigner, sampler, coder and temporal extension."""
from .hard_aware_sampler import HardAwareSampler
from .prior_generators import GroundTruthTubes, TubeGridGenerator
from .temporal_extension import LinearExtrapolation, LocationAnticipation, Replicate
from .tube_assigner import TubeAssigner
from .tube_coder import TubeDeltaCoder

__all__ = [
    'GroundTruthTubes', 'HardAwareSampler', 'LinearExtrapolation',
    'LocationAnticipation', 'Replicate', 'TubeAssigner', 'TubeDeltaCoder',
    'TubeGridGenerator'
]
