"""Loads a model as a server would, and tries its signatures."""
