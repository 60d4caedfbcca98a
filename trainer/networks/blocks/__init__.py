"""The layers that the architectures share."""
