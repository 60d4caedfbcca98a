"""Decoding in a separate process. A crash, hang or memory overrun costs only one file."""
