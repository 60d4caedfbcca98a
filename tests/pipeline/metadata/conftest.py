"""A store with the records of a pipeline, for all tests here."""

from __future__ import annotations

from tests.support.recorded_pipeline import store

__all__ = ["store"]
