"""Sampling from the EMA generator, and the exported SavedModel."""
