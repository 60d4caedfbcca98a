"""Decoding of files to frames and clips with PyAV, tensorflow-io or as images."""
