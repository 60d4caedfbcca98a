"""Finds and fingerprints the data folder, so that VideoExampleGen re-runs when a file changes, and only then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tfx import types
from tfx.components.example_gen.driver import FileBasedDriver, update_output_artifact
from tfx.components.example_gen.input_processor import FileBasedInputProcessor, InputProcessor
from tfx.components.example_gen.utils import verify_split_pattern_specs
from tfx.dsl.components.base.base_driver import BaseDriver
from tfx.orchestration import data_types
from tfx.proto import example_gen_pb2, range_config_pb2
from tfx.types.standard_component_specs import EXAMPLES_KEY

from mocogan.components.video_example_gen.arguments.input_folder import input_folder
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
    Vertex use no drivers. There, `mocogan.pipeline.engines.spec.outside_state` adds the fingerprint.
    """

    def get_input_processor(
        self,
        splits: Iterable[example_gen_pb2.Input.Split],
        range_config: range_config_pb2.RangeConfig | None = None,
        input_base_uri: str | None = None,
    ) -> InputProcessor:
        """Returns the object that TFX asks for the span, version and fingerprint of the input."""
        assert input_base_uri
        return VideoFolder(input_base_uri, splits, range_config)

    def _prepare_output_artifacts(
        self,
        input_artifacts: dict[str, list[types.Artifact]],
        output_dict: dict[str, types.Channel],
        exec_properties: dict[str, Any],
        execution_id: int,
        pipeline_info: data_types.PipelineInfo,
        component_info: data_types.ComponentInfo,
    ) -> dict[str, list[types.Artifact]]:
        """Prepares all outputs, for InteractiveContext. FileBasedDriver prepares only `examples`."""
        prepared: dict[str, list[types.Artifact]] = BaseDriver._prepare_output_artifacts(
            self,
            input_artifacts,
            output_dict,
            exec_properties,
            execution_id,
            pipeline_info,
            component_info,
        )
        for examples in prepared[EXAMPLES_KEY]:
            update_output_artifact(exec_properties, examples.mlmd_artifact)
        return prepared


class VideoFolder(FileBasedInputProcessor):
    """A folder of videos, of which TFX asks the span, the version and the fingerprint."""

    def __init__(
        self,
        input_base: str,
        splits: Iterable[example_gen_pb2.Input.Split],
        range_config: range_config_pb2.RangeConfig | None,
    ) -> None:
        super().__init__(input_base, splits, range_config)
        self._input_base = input_base
        (self._split,) = splits

    def resolve_span_and_version(self) -> tuple[int, int | None]:
        if not any(verify_split_pattern_specs(self._split)):
            return 0, None  # TFX would list the folder, which can be remote
        resolved: tuple[int, int | None] = super().resolve_span_and_version()
        return resolved

    def get_input_fingerprint(self, span: int, version: int | None) -> str:
        pattern = self.get_pattern_for_span_version(self._split.pattern, span, version)
        folder = input_folder(self._input_base, pattern)
        return _known.get(folder) or read_folder(folder).fingerprint()
