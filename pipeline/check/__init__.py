"""`mocogan check`: the state of the machine and of an output folder. No TFX, no TensorFlow."""
