"""What AVA's text files are made of: lines, label maps, seconds."""
from .key_times import key_seconds, window_times
from .label_map import MOST_CLASSES, check_custom_classes, read_label_map
from .seconds import (MOST_SECONDS, Second, image_key, key_time, parse_second, read_start_seconds, second_text,
                      seconds_every)
from .text_file import iter_csv

__all__ = [
    'MOST_CLASSES', 'MOST_SECONDS', 'Second', 'check_custom_classes', 'image_key', 'iter_csv', 'key_seconds',
    'key_time', 'parse_second', 'read_label_map', 'read_start_seconds', 'second_text', 'seconds_every', 'window_times'
]
