"""Persons at a key time and over time, made from the boxes and scores that a model gives."""
from .detections import Detection, KeyFrame, group_boxes, to_detections
from .interpolation import persons_at
from .person_matcher import PersonMatcher
from .person_tubes import PersonTubes
from .rethreshold import rethreshold
from .score_thresholds import ScoreThreshold, class_thresholds
from .tracks import Track, person_tracks
from .video_result import VideoResult, empty_result, source_fields

__all__ = [
    'Detection', 'KeyFrame', 'PersonMatcher', 'PersonTubes', 'ScoreThreshold', 'Track', 'VideoResult',
    'class_thresholds', 'empty_result', 'group_boxes', 'person_tracks', 'persons_at', 'rethreshold', 'source_fields',
    'to_detections'
]
