"""Splits and groups: what a data set says, and what follows from it."""
