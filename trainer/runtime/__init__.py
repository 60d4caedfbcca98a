"""Devices, distribution and randomness."""
