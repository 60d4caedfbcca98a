"""Distances between two samples of feature vectors."""
