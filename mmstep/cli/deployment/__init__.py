"""What ``tools/deployment/*.py`` run: exports and their quantization."""
