"""The output folder of an ingest: its lock, the shards, the result, and how all is published."""
