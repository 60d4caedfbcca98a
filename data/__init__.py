"""Video data: source folders, decoding, the record format, the input pipeline and synthetic videos. No TFX."""
