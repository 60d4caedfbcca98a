"""Reads the ML Metadata store."""
