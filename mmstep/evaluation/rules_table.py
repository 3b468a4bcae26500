"""One table of every rule in which the rule sets differ."""
import dataclasses
from typing import Any, List

from .rules import RULES, EvaluationRules

# What each rule decides, for people. A threshold of 1 on an overlap that must be exceeded never acts.
MEANING = dict(
    frame_nms_thr='Frame-mAP: boxes of a frame and class suppress each other over this IoU',
    soft_nms='What is suppressed keeps its score times 1 - IoU',
    best_class_only='A box with a score for every class counts for its best class alone',
    single_precision='Boxes and scores of frames are rounded to float32',
    tubelet_nms_thr='Linking: tubelets of a start frame and class suppress each other over this mean IoU',
    tubelets_kept='Linking: tubelets of a start frame and class that are left, the best ones',
    link_iou='Linking: a tubelet continues a path from this mean IoU on',
    max_gap='Linking: a path ends so many frames after the start of its last tubelet',
    equal_link_scores='Linking: all detections have the same score',
    link_ties='Linking: of tubelets with equal scores the first is',
    min_tube_score='Tubes with a lower mean score are dropped',
    min_tube_length='Tubes of fewer frames are dropped',
    tube_nms_thr='Video-mAP: tubes of a video and class suppress each other over this overlap',
    plus_one='Boxes: x2 and y2 still belong to the box (width x2 - x1 + 1)',
    tubelet_nms_plus_one='The same in the NMS of tubelets',
    temporal_plus_one='Tubes: the last frame belongs to the span (length last - first + 1)',
    second_choice='A detection whose best annotation is taken may take the next best',
    average_precision='Average precision is the area under the',
    excluded_classes='Annotated classes that are not scored',
    mean_ranges='Video-mAP is averaged over the thresholds first:step:last')
WORDS = dict(
    trapezoid='lines between the points',
    voc='envelope of the points',
    content='decided by content, not by order',
    last='the last listed')
NEVER = ('frame_nms_thr', 'tube_nms_thr')


def rules_table(all_rules: bool = False) -> List[List[str]]:
    """The rules side by side, made from the rule sets themselves.

    Args:
        all_rules (bool): Those too that are the same in all. Defaults to False.

    Returns:
        list[list[str]]: A line of headings, then one line a rule: its meaning, its name, its value in each set.
    """
    lines = [['What is decided', 'Setting', *RULES]]
    names = {field.name for field in dataclasses.fields(EvaluationRules)}
    if names != set(MEANING):
        raise KeyError(f'rules without a meaning, or the other way round: {sorted(names ^ set(MEANING))}')
    for name, meaning in MEANING.items():
        attribute = 'nms_plus_one' if name == 'tubelet_nms_plus_one' else name
        values = [_in_words(name, getattr(rules, attribute)) for rules in RULES.values()]
        if all_rules or len(set(values)) > 1:
            lines.append([meaning, name, *values])
    return lines


def _in_words(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return 'yes' if value else 'no'
    if name in NEVER and value == 1:
        return 'no NMS'
    if name == 'max_gap':
        return str(value) if value else 'K'
    if isinstance(value, tuple):
        return ', '.join(value) or 'none'
    return WORDS.get(value, str(value)) if isinstance(value, str) else f'{value:g}'
