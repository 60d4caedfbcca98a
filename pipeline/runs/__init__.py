"""`mocogan runs`: lists, explains, compares, removes and watches the runs of a folder. No TFX, no TensorFlow."""
