"""Fingerprints the data folder, so that a changed video re-runs VideoExampleGen and nothing else does."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from tfx.components.example_gen.driver import FileBasedDriver
from tfx.components.example_gen.input_processor import InputProcessor
from tfx.proto import example_gen_pb2, range_config_pb2

from mocogan.data.source.listing import read_folder


def listing_fingerprint(folder: str) -> str:
    """Hex digest over every visible entry below `folder`, a path or an address such as gs://…

    It knows each file's name, size in bytes and time of change in nanoseconds, frames and the manifest among them,
    and what is refused, with its code. Raises as mocogan.data.source.listing.read_folder does.
    """
    contents = read_folder(folder)
    digest = hashlib.sha256()
    for file in sorted(contents.files):
        digest.update(b"file\0%s\0%d\0%d\0" % (file.name, file.size, file.modified))
    for refusal in sorted(contents.refusals):
        digest.update(b"refusal\0%s\0%s\0" % (refusal.name, refusal.code.encode()))
    return digest.hexdigest()


class VideoFolderDriver(FileBasedDriver):
    """Looks at every file that the executor will read.

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
        return listing_fingerprint(self._folder)

    def get_pattern_for_span_version(self, pattern: str, span: int, version: int | None) -> str:
        del span, version
        return pattern

    def get_latest_span(self) -> int:
        return 0
