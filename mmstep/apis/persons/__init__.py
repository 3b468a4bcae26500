"""Persons over time, from the rows of boxes and scores that a model gives."""
