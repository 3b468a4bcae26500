"""Priors, assigner, sampler, coder and temporal extension."""
from .hard_aware_sampler import HardAwareSampler
from .learned_tubes import LearnedTubes
from .prior_generators import (BaseTubeGenerator, ChainedTubes, GroundTruthTubes, ProposalTubes, SharedTubeGenerator,
                               TubeGridGenerator)
from .temporal_extension import BaseTemporalExtension, LinearExtrapolation, LocationAnticipation, Replicate
from .tube_assigner import TubeAssigner
from .tube_coder import TubeDeltaCoder

__all__ = [
    'BaseTemporalExtension', 'BaseTubeGenerator', 'ChainedTubes', 'GroundTruthTubes', 'HardAwareSampler',
    'LearnedTubes', 'LinearExtrapolation', 'LocationAnticipation', 'ProposalTubes', 'Replicate', 'SharedTubeGenerator',
    'TubeAssigner', 'TubeDeltaCoder', 'TubeGridGenerator'
]
