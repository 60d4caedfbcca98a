"""The record format: keys, split names, tf.Example and TFRecord files."""
