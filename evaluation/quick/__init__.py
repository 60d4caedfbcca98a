"""Cheap metrics of a few samples, for the training doctor."""
