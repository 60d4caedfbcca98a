"""How good clips are: metrics on uint8 clips, reference statistics, the shape detector. No TFX."""
