"""Fingerprints the data folder, so that a changed video re-runs VideoExampleGen and nothing else does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tfx.components.example_gen.driver import FileBasedDriver
from tfx.components.example_gen.input_processor import InputProcessor
from tfx.proto import example_gen_pb2, range_config_pb2

from mocogan.data.source.listing import read_folder

_known: dict[str, str] = {}  # fingerprints by folder


@contextmanager
def known_fingerprint(folder: str, fingerprint: str) -> Iterator[None]:
    """Within the block, drivers of this process take the fingerprint of `folder` as given.

    For a runner that has just read the folder. A file that changes after that is in the next run's
    fingerprint, which then ingests again.
    """
    _known[folder] = fingerprint
    try:
        yield
    finally:
        del _known[folder]


class VideoFolderDriver(FileBasedDriver):
    """Fingerprints every file that the executor will read (`FolderContents.fingerprint`).

    TFX's own driver sees only what lies directly in the folder, and times in whole seconds. (Kubeflow and Vertex always
    start TFX's own: there, name a changed data set's folder anew or turn caching off.)
    """

    def get_input_processor(
        self,
        splits: Iterable[example_gen_pb2.Input.Split],
        range_config: range_config_pb2.RangeConfig | None = None,
        input_base_uri: str | None = None,
    ) -> InputProcessor:
        """Called by TFX for the span, version and fingerprint of the input."""
        assert input_base_uri
        return _VideoFolder(input_base_uri, splits)


class _VideoFolder(InputProcessor):
    def __init__(self, folder: str, splits: Iterable[example_gen_pb2.Input.Split]) -> None:
        super().__init__(splits)
        self._folder = folder

    def get_input_fingerprint(self, span: int, version: int | None) -> str:
        del span, version
        return _known.get(self._folder) or read_folder(self._folder).fingerprint()

    def get_pattern_for_span_version(self, pattern: str, span: int, version: int | None) -> str:
        del span, version
        return pattern

    def get_latest_span(self) -> int:
        return 0
