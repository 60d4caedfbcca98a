"""Fixtures with a bucket: `gs://` addresses in this process, and in those that it starts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.object_store.objects import Objects

BUCKET = "test-bucket"


@pytest.fixture(scope="session")
def running_store(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Objects, Mapping[str, str]]]:
    """One server for all tests, with the environment of its clients."""
    from tests.support.object_store.server import object_store

    with object_store(tmp_path_factory.mktemp("object_store"), BUCKET) as running:
        yield running


@pytest.fixture
def stored_objects(
    running_store: tuple[Objects, Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> Objects:
    """The objects of the bucket: none yet. Folders do not exist without files, and copies are forbidden."""
    found, environment = running_store
    found.reset()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return found


@pytest.fixture
def gs_folder(stored_objects: Objects, request: pytest.FixtureRequest) -> str:
    """A folder in the bucket of this test's own, because TensorFlow remembers sizes of objects for seconds."""
    return f"gs://{BUCKET}/{re.sub('[^A-Za-z0-9]+', '-', request.node.name)}"
