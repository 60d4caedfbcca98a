"""Experiment trackers that receive the same values as the log."""
