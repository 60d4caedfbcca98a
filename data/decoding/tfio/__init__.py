"""Decoding with tensorflow-io."""
