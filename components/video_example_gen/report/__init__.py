"""The ingest report: statistics, notes, JSON file and HTML page."""
