"""Decoding with PyAV."""
