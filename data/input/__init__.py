"""The input pipeline from records to batches, and the clip cache."""
