"""Slow files first: two workers that begin with them end at about the same time. And what tests of all folders take."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture
def eagerly() -> Iterator[None]:
    """Without tracing, which takes longer than a few steps of tiny networks."""
    import tensorflow as tf  # not for the tests that do without

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
