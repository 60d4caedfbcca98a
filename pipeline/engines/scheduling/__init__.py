"""Schedules of runs, on whatever they run: their times, and how they are made and changed."""
