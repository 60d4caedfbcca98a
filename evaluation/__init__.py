"""Clip quality: metrics on uint8 clips, and the shape detector. Independent of TFX and of the trainer."""
