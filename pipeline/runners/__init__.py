"""Output of pipeline runs: the log and the summary."""
