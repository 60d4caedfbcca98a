"""Decoding in a process of its own, which may crash, hang or eat memory at the cost of one file."""
