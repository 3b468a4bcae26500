"""Priors, assigner, sampler, coder and temporal extension."""
from .hard_aware_sampler import HardAwareSampler
from .prior_generators import GroundTruthTubes, TubeGridGenerator
from .proposal_tubes import ChainedTubes, ProposalTubes
from .temporal_extension import LinearExtrapolation, LocationAnticipation, Replicate
from .tube_assigner import TubeAssigner
from .tube_coder import TubeDeltaCoder

__all__ = [
    'ChainedTubes', 'GroundTruthTubes', 'HardAwareSampler', 'LinearExtrapolation', 'LocationAnticipation',
    'ProposalTubes', 'Replicate', 'TubeAssigner', 'TubeDeltaCoder', 'TubeGridGenerator'
]
