"""Reads and writes the ML Metadata store."""
