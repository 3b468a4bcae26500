"""``python -m mmstep`` is the command ``mmstep``."""
import sys

from mmstep_command import main

if __name__ == '__main__':
    sys.exit(main())
