"""What ``tools/analysis_tools/*.py`` run that users of a wheel need."""
