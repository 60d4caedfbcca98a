"""Checks of Beam's runners before they start: options, services, workers."""
