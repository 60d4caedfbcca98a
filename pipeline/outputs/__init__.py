"""The files below `OUT/tfx_pipeline_output`: whether they are whole, and which nobody needs. No TFX, no TensorFlow."""
