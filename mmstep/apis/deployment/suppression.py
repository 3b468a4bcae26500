"""Per-class non-maximum suppression inside an ONNX graph."""
from typing import Any, List

import numpy as np

from mmstep.errors import LaunchError
from mmstep.models.roi_heads.post_processing import DEFAULT_NMS
from .packages import require_package

KEPT = 'kept_scores'


def add_suppression(graph: Any, step: int, test_cfg: dict) -> List[str]:
    """Appends what :func:`~mmstep.models.roi_heads.post_processing.select_detections` does to a step's output.

    The result has the form of the scores, (B, M, C), with zeros where a class of a tube is suppressed, so that no
    index has to be decoded: row m is what is left of tube m.

    Args:
        graph (onnx.GraphProto): The graph, which is changed.
        step (int): The step, of whose scores and tubes there are outputs.
        test_cfg (dict): ``score_thr``, ``nms`` and ``max_per_img`` of the RoI head.

    Returns:
        list[str]: Names of the outputs that are added.

    Raises:
        LaunchError: If ``nms`` is of another type than 'nms'.
    """
    onnx = require_package('onnx', 'onnx')
    make = onnx.helper.make_node
    nms = dict(test_cfg.get('nms') or DEFAULT_NMS)
    if nms.get('type', 'nms') != 'nms' or 'iou_threshold' not in nms:
        raise LaunchError(f'--nms: test_cfg.nms={nms} has no form in ONNX; dict(type="nms", iou_threshold=...) has')
    sizes = {value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim] for value in graph.output}
    _, count, classes = sizes[f'scores_step{step}']
    middle = sizes[f'tubes_step{step}'][2] // 2
    most = test_cfg.get('max_per_img', 300)
    names = dict(
        middle=np.int64(middle),
        most_a_class=np.array([count]),
        iou=np.array([nms['iou_threshold']], np.float32),
        score=np.array([test_cfg.get('score_thr', 0.01)], np.float32))
    limited = 0 <= most < count * classes
    if limited:
        names.update(
            flat=np.array([-1, count * classes]), square=np.array([-1, count, classes]), most=np.array([most]))
    graph.initializer.extend(
        onnx.numpy_helper.from_array(np.asarray(value), f'nms_{key}') for key, value in names.items())
    nodes = [
        make('Gather', [f'tubes_step{step}', 'nms_middle'], ['nms_boxes'], axis=2),
        make('Transpose', [f'scores_step{step}'], ['nms_scores'], perm=[0, 2, 1]),
        make('NonMaxSuppression', ['nms_boxes', 'nms_scores', 'nms_most_a_class', 'nms_iou', 'nms_score'],
             ['nms_selected']),
        make('GatherND', ['nms_scores', 'nms_selected'], ['nms_values']),
        make('Shape', ['nms_scores'], ['nms_shape']),
        make('ConstantOfShape', ['nms_shape'], ['nms_zeros']),
        make('ScatterND', ['nms_zeros', 'nms_selected', 'nms_values'], ['nms_scattered']),
        make('Transpose', ['nms_scattered'], ['nms_all' if limited else KEPT], perm=[0, 2, 1]),
    ]
    if limited:
        nodes += [
            make('Reshape', ['nms_all', 'nms_flat'], ['nms_row']),
            make('TopK', ['nms_row', 'nms_most'], ['nms_best', 'nms_places'], axis=1),
            make('Shape', ['nms_row'], ['nms_row_shape']),
            make('ConstantOfShape', ['nms_row_shape'], ['nms_row_zeros']),
            make('ScatterElements', ['nms_row_zeros', 'nms_places', 'nms_best'], ['nms_kept_row'], axis=1),
            make('Reshape', ['nms_kept_row', 'nms_square'], [KEPT]),
        ]
    graph.node.extend(nodes)
    graph.output.append(onnx.helper.make_tensor_value_info(KEPT, onnx.TensorProto.FLOAT, ['batch', count, classes]))
    return [KEPT]
