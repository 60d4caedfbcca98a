"""The output of pipeline runs: the log and the summary."""
