"""What ``tools/data/*.py`` run: checks, conversions, key frames and optical flow of data sets."""
