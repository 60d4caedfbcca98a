"""From records to batches: the input pipeline and the clip cache."""
