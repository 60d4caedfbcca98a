"""Pushes blessed models as numbered versions, for a server to load."""
