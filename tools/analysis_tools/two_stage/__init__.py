"""Parts of two_stage_study.py."""
