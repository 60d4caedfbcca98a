"""The log of a training: TensorBoard event files, `metrics.jsonl` and samples, in one folder per training."""
