"""Decoding: from a file to frames to clips, by PyAV, tensorflow-io or as images."""
