"""The configuration of the pipeline."""
