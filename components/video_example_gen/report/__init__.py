"""The ingest report: statistics, notes, JSON and page."""
