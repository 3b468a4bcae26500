"""Decoding of video files: by PyAV, and by decord for the data sets."""
