"""Studies: claims measured by training variants of a config from several seeds (tools/analysis_tools/study.py)."""
