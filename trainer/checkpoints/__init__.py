"""The saved state of a training."""
