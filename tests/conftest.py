"""Orders the tests, and holds the fixtures that all folders use."""

from __future__ import annotations

import functools
import gc
from collections.abc import Iterator
from importlib import metadata

import pytest

from tests.support.kept_folder import delete_kept_folders

pytest_plugins = ["tests.support.object_store.fixtures"]

gc.disable()  # while TensorFlow and TFX are imported, which takes a sixth less time then
# Each of Google's fifteen clients reads the descriptions of all installed packages when it is imported.
metadata.packages_distributions = functools.cache(metadata.packages_distributions)


def pytest_collection_finish() -> None:
    """Leaves what the imports made, millions of objects, out of all later garbage collections."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts files with slow tests first: workers that begin with them end at about the same time."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_unconfigure() -> None:
    """Deletes what tests of this process shared."""
    delete_kept_folders()


@pytest.fixture
def eagerly() -> Iterator[None]:
    """Runs functions without tracing them, which takes longer than a few steps of tiny networks."""
    import tensorflow as tf  # here: most tests do without

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
