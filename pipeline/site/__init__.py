"""`mocogan site`: the ML Metadata store of an output folder as a static site. No TFX, no TensorFlow."""
