"""Fingerprints the data folder, so that VideoExampleGen re-runs when a file changes, and only then."""

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
    """Within the block, drivers of this process use `fingerprint` for `folder` and do not read the folder again.

    A runner uses this when it has just read the folder. If a file changes after that, the fingerprint of the next run
    differs, and that run ingests again.
    """
    _known[folder] = fingerprint
    try:
        yield
    finally:
        del _known[folder]


class VideoFolderDriver(FileBasedDriver):
    """Fingerprints every file that the executor will read (`FolderContents.fingerprint`).

    TFX's own driver sees only the files directly in the folder, and compares times in whole seconds. Kubeflow and
    Vertex always use TFX's driver. There, rename the folder of a changed data set or turn caching off.
    """

    def get_input_processor(
        self,
        splits: Iterable[example_gen_pb2.Input.Split],
        range_config: range_config_pb2.RangeConfig | None = None,
        input_base_uri: str | None = None,
    ) -> InputProcessor:
        """Returns the object that TFX asks for the span, version and fingerprint of the input."""
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
