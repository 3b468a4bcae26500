"""Model components."""
from .backbones import *  # noqa: F401, F403
from .data_preprocessors import *  # noqa: F401, F403
from .detectors import *  # noqa: F401, F403
from .fusion import *  # noqa: F401, F403
from .necks import *  # noqa: F401, F403
from .roi_heads import *  # noqa: F401, F403
from .task_modules import *  # noqa: F401, F403
