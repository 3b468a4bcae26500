"""Linking of tubelets into tubes, as in ACT, for finished videos and for streams."""
from operator import attrgetter
from typing import Dict, List, Optional, Tuple

import numpy as np

from mmstep.structures import ActionTube, Tubelets
from ..rules import Rules, get_rules
from .path import Path, lay_paths, tubes_of_laid
from .start_frames import StartFrame, prepare_frames, reaches, reaches_of_frames
from .stride import find_stride

_BY_SCORE = attrgetter('score')


class OnlineLinker:
    """Links tubelets as they come (section 3.5: "the same linking algorithm as described in [17]").

    Class by class, at every start frame: the tubelets pass NMS and the best few are kept; the paths, best mean score
    first, each take the best tubelet that overlaps their last one enough; what is left starts new paths. A path that
    nothing continued for too long ends. There is no NMS across classes. A path's tube has the mean of its tubelets'
    scores and per frame the mean of their boxes.

    Two tubelets that share frames overlap by the mean IoU there; of two that do not, the last box of the one is
    compared with the first box of the other.

    The result depends on the tubelets alone, not on their order within a start frame, unless the rules say so
    (``link_ties``). Only living paths are kept in
    memory.

    Args:
        num_labels (int): Number L of classes.
        rules (str | dict | EvaluationRules): See :func:`get_rules`. Defaults to 'act'.
        stride (int): Frames between the start frames. Paths live at least this long. Defaults to 1.
        trim (dict, optional): Turns on temporal trimming: ``switch_cost`` and ``threshold`` of
            :func:`action_segments`.
        nframes (int, optional): Frames of the video, with which tubes end. Defaults to none, as in a stream.
        history (int, optional): For streams without end: a path keeps only so many tubelets, the last ones, and its
            tube in the end is made of these. Defaults to all, some 30 MB for a path of one hour at stride 1.
    """

    def __init__(self,
                 num_labels: int,
                 rules: Rules = 'act',
                 stride: int = 1,
                 trim: Optional[dict] = None,
                 nframes: Optional[int] = None,
                 history: Optional[int] = None) -> None:
        self.num_labels = num_labels
        self.rules = get_rules(rules)
        self.stride = stride
        self.trim = trim
        self.nframes = nframes
        self.history = history
        self._paths: List[List[Path]] = [[] for _ in range(num_labels)]
        self._boxes: Dict[int, np.ndarray] = {}  # of the start frames in which a living path ends
        self._last_start: Optional[int] = None
        self._count = 0

    def push(self,
             start: int,
             boxes: np.ndarray,
             scores: np.ndarray,
             label: Optional[np.ndarray] = None) -> List[ActionTube]:
        """Takes the tubelets of the next start frame.

        Args:
            start (int): Frame of their first box, greater than at the call before.
            boxes (np.ndarray): (n, K, 4); n may be 0.
            scores (np.ndarray): (n, L), or (n,) with ``label``. Those not over 0 do not count.
            label (np.ndarray, optional): (n,) class of each tubelet, if its boxes belong to one class.

        Returns:
            list[ActionTube]: The tubes that ended.

        Raises:
            ValueError: If the start frames do not ascend, or the arrays do not fit together.
        """
        return self._tubes(self.push_paths(start, boxes, scores, label))

    def push_paths(self,
                   start: int,
                   boxes: np.ndarray,
                   scores: np.ndarray,
                   label: Optional[np.ndarray] = None) -> List[Path]:
        """The same as :meth:`push`, for the paths of which tubes are made."""
        if self._last_start is not None and start <= self._last_start:
            raise ValueError(f'start frames must ascend: {start} came after {self._last_start}')
        boxes, scores = self._check(boxes, scores, label)
        if len(boxes):
            frame, = prepare_frames(np.full(len(boxes), start), boxes, scores, self.rules)
        else:
            frame = StartFrame(start, boxes, [[]] * self.num_labels, [[]] * self.num_labels)
        gap = max(self.rules.gap(boxes.shape[1]), self.stride)
        ended = self._end_before(start, gap)
        living = {path.starts[-1] for paths in self._paths for path in paths}
        reach = {
            last: reaches(self._boxes[last][None], frame.boxes[None], start - last, self.rules)[0].tolist()
            for last in living
        }
        ended += self._link_frame(frame, reach, gap)
        self._boxes[start] = frame.boxes
        living = {path.starts[-1] for paths in self._paths for path in paths}
        self._boxes = {last: kept for last, kept in self._boxes.items() if last in living}
        return ended

    def link_video(self, tubelets: Tubelets) -> List[Path]:
        """Links all tubelets of a video at once: the same as all calls of :meth:`push_paths` and :meth:`finish_paths`.

        Args:
            tubelets (Tubelets): Of one video, in any order.

        Returns:
            list[Path]: The paths, as they end.
        """
        order = np.argsort(tubelets.start, kind='stable')
        label = None if tubelets.label is None else tubelets.label[order]
        boxes, scores = self._check(tubelets.boxes[order], tubelets.scores[order], label)
        frames = prepare_frames(tubelets.start[order], boxes, scores, self.rules)
        gap = max(self.rules.gap(boxes.shape[1]), self.stride)
        paths: List[Path] = []
        for frame, reach in zip(frames, reaches_of_frames(frames, gap, self.rules)):
            paths += self._end_before(frame.start, gap) + self._link_frame(frame, reach, gap)
        return paths + self.finish_paths()

    def finish(self) -> List[ActionTube]:
        """Ends the video and starts afresh.

        Returns:
            list[ActionTube]: The tubes that had not ended.
        """
        return self._tubes(self.finish_paths())

    def finish_paths(self) -> List[Path]:
        """The same as :meth:`finish`, for the paths of which tubes are made."""
        ended = [path for paths in self._paths for path in paths]
        self._paths = [[] for _ in range(self.num_labels)]
        self._boxes, self._last_start = {}, None
        return ended

    def active(self) -> List[Tuple[int, int, float, np.ndarray]]:
        """The living paths, for drawing.

        Returns:
            list[tuple]: Number of the path, steady while it lives and never used again; class; mean score; boxes
            (K, 4) of its last tubelet.
        """
        return [(path.number, path.label, path.score, path.boxes[-1]) for paths in self._paths for path in paths]

    def _check(self, boxes: np.ndarray, scores: np.ndarray,
               label: Optional[np.ndarray]) -> Tuple[np.ndarray, np.ndarray]:
        boxes, scores = np.asarray(boxes, dtype=np.float64), np.asarray(scores, dtype=np.float64)
        if boxes.ndim != 3 or boxes.shape[2] != 4:
            raise ValueError(f'boxes must be (n, K, 4), got the shape {boxes.shape}')
        if self.rules.best_class_only and label is None and scores.shape == (len(boxes), self.num_labels):
            label = scores.argmax(axis=1)
            scores = scores[np.arange(len(boxes)), label]
        if self.rules.equal_link_scores:
            scores = (scores > 0).astype(np.float64)
        if label is not None:
            spread = np.zeros((len(boxes), self.num_labels))
            spread[np.arange(len(boxes)), label] = scores
            scores = spread
        if scores.shape != (len(boxes), self.num_labels):
            raise ValueError(f'scores must be (n, L) = {(len(boxes), self.num_labels)}, got the shape {scores.shape}')
        return boxes, scores

    def _end_before(self, start: int, gap: int) -> List[Path]:
        """Ends the paths that got too old in frames without tubelets since the last call."""
        ended: List[Path] = []
        if self._last_start is not None and start - 1 > self._last_start:
            for klass, paths in enumerate(self._paths):
                ended += [path for path in paths if start - 1 - path.starts[-1] >= gap]
                self._paths[klass] = [path for path in paths if start - 1 - path.starts[-1] < gap]
        return ended

    def _link_frame(self, frame: StartFrame, reach: Dict[int, list], gap: int) -> List[Path]:
        """Links the tubelets of the next start frame; the paths that ended by it."""
        ended: List[Path] = []
        # Copied once for all classes, not as views: a path that holds a tubelet must not hold the whole frame.
        tubelets = [boxes.copy() for boxes in frame.boxes]
        for klass, (paths, rows) in enumerate(zip(self._paths, frame.rows)):
            if rows or paths:
                ended += self._link(paths, klass, frame, tubelets, gap, reach)
        self._last_start = frame.start
        return ended

    def _link(self, paths: List[Path], klass: int, frame: StartFrame, tubelets: List[np.ndarray], gap: int,
              reach: Dict[int, list]) -> List[Path]:
        """Continues, ends and starts the paths of one class."""
        start, rows, scores = frame.start, frame.rows[klass].copy(), frame.scores[klass]
        ended: List[Path] = []
        alive: List[Path] = []
        paths.sort(key=_BY_SCORE, reverse=True)
        for path in paths:
            last = path.starts[-1]
            reached = reach[last][path.row]
            for row in rows:
                if reached[row]:
                    rows.remove(row)
                    path.add(start, row, tubelets[row], scores[row])
                    alive.append(path)
                    break
            else:
                (ended if start - last >= gap else alive).append(path)
        for row in rows:
            path = Path(klass, self._count, self.history)
            self._count += 1
            path.add(start, row, tubelets[row], scores[row])
            alive.append(path)
        self._paths[klass] = alive
        return ended

    def _tubes(self, paths: List[Path]) -> List[ActionTube]:
        return [tube for path in paths for tube in path.tubes(self.rules, self.trim, self.nframes)]


def link_tubes(tubelets: Tubelets,
               num_labels: int,
               rules: Rules = 'act',
               stride: Optional[int] = None,
               trim: Optional[dict] = None,
               nframes: Optional[int] = None) -> List[ActionTube]:
    """Links the tubelets of one finished video into tubes; see :class:`OnlineLinker`.

    Args:
        tubelets (Tubelets): Of one video, in any order; ``video`` is not looked at.
        num_labels (int): Number L of classes.
        rules (str | dict | EvaluationRules): See :func:`get_rules`. Defaults to 'act'.
        stride (int, optional): Frames between the start frames; paths live at least so long. Defaults to what
            :func:`find_stride` finds.
        trim (dict, optional): Turns on temporal trimming: ``switch_cost`` and ``threshold``.
        nframes (int, optional): Frames of the video: tubes end with it. Defaults to the end of the last tubelet.

    Returns:
        list[ActionTube]: The tubes, best first within a class.

    Raises:
        ValueError: If the arrays do not fit together.
    """
    return tubes_of_paths(link_paths(tubelets, num_labels, rules, stride), rules, trim, nframes)


def link_paths(tubelets: Tubelets, num_labels: int, rules: Rules = 'act', stride: Optional[int] = None) -> List[Path]:
    """Links the tubelets of one finished video into paths, of which :func:`tubes_of_paths` makes tubes.

    Args:
        tubelets (Tubelets): See :func:`link_tubes`.
        num_labels (int): Number L of classes.
        rules (str | dict | EvaluationRules): See :func:`get_rules`. Defaults to 'act'.
        stride (int, optional): See :func:`link_tubes`.

    Returns:
        list[Path]: The paths, as they end.

    Raises:
        ValueError: If the arrays do not fit together.
    """
    rules = get_rules(rules)
    if stride is None:
        stride = find_stride(np.zeros(len(tubelets.start)), tubelets.start, rules.gap(tubelets.boxes.shape[1]))
    return OnlineLinker(num_labels, rules, stride).link_video(tubelets)


def tubes_of_paths(paths: List[Path],
                   rules: Rules = 'act',
                   trim: Optional[dict] = None,
                   nframes: Optional[int] = None) -> List[ActionTube]:
    """The tubes of all paths of a video.

    Args:
        paths (list[Path]): From :func:`link_paths`.
        rules (str | dict | EvaluationRules): See :func:`get_rules`. Defaults to 'act'.
        trim (dict, optional): See :func:`link_tubes`.
        nframes (int, optional): See :func:`link_tubes`.

    Returns:
        list[ActionTube]: The tubes, best first within a class.
    """
    rules = get_rules(rules)
    return in_order(tubes_of_laid(lay_paths(paths, rules, nframes), rules, trim))


def in_order(tubes: List[ActionTube]) -> List[ActionTube]:
    """Tubes of a video, best first within a class."""
    return sorted(tubes, key=lambda tube: (tube.label, -tube.score, tube.start, len(tube.boxes)))
