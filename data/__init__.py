"""What a clip is: geometry, decoding, the record format, pixels, input pipeline, synthetic shapes. No TFX."""
