"""How good clips are: metrics on uint8 clips and the shape detector. No TFX, nothing of the trainer."""
