"""Lists the frames of videos with decord, one file a line of standard input (JSON), and answers with an empty line.

A program of its own, for :class:`VideoProbe`: it starts without PyTorch, and may break down.
"""
import json
import resource
import sys

MOST_MEMORY = 2**32  # bytes; the frame times of a day at 60 frames a second take some hundred MiB


def main() -> None:
    """Answers until the input ends, which it does when the other process ends, however that is."""
    import decord
    decord.logging.set_level(decord.logging.QUIET)
    if sys.platform == 'linux':  # elsewhere the system may refuse
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    for line in sys.stdin:
        try:
            reader = decord.VideoReader(json.loads(line), num_threads=1)
            reader.get_frame_timestamp(range(len(reader)))
        except (decord.DECORDError, IndexError, OSError, RuntimeError):
            pass  # whoever opens it next says so
        print(flush=True)


if __name__ == '__main__':
    main()
