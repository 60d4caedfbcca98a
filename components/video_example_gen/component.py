"""The contract of VideoExampleGen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfx import types
from tfx.components.example_gen.component import FileBasedExampleGen
from tfx.components.example_gen.utils import make_default_input_config
from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.proto import example_gen_pb2, range_config_pb2
from tfx.types import standard_artifacts, standard_component_specs
from tfx.types.component_spec import ChannelParameter, ExecutionParameter

from mocogan.components.artifact_types import IngestReport
from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY, code_fingerprint
from mocogan.components.custom_properties import INGEST_CONFIG_KEY
from mocogan.components.kept_folder import check_folder
from mocogan.components.settings import CUSTOM_CONFIG, checked_settings
from mocogan.components.video_example_gen import driver, executor
from mocogan.components.video_example_gen.arguments.input_folder import check_input
from mocogan.components.video_example_gen.arguments.split_shares import (
    eval_fraction_of,
    train_and_eval,
)
from mocogan.data.config import IngestConfig

# The executor starts this module by name, so no import names it.
_DECODER_PROCESS = "mocogan.data.decoding.isolation.decoder_process"
_DEFAULT_EVAL_FRACTION: float = IngestConfig.model_fields["eval_fraction"].default


class VideoExampleGenSpec(standard_component_specs.FileBasedExampleGenSpec):
    """The contract of TFX's FileBasedExampleGen plus the ingest options, a hash of the code, and the report."""

    PARAMETERS = standard_component_specs.FileBasedExampleGenSpec.PARAMETERS | {
        INGEST_CONFIG_KEY: ExecutionParameter(type=str),
        CODE_FINGERPRINT_KEY: ExecutionParameter(type=str),
        executor.RESUME_ROOT_KEY: ExecutionParameter(type=str, optional=True),
    }
    OUTPUTS = standard_component_specs.FileBasedExampleGenSpec.OUTPUTS | {
        executor.INGEST_REPORT_KEY: ChannelParameter(type=IngestReport),
    }


class VideoExampleGen(FileBasedExampleGen):
    """Turns videos into raw examples of clips in the splits 'train' and 'eval'.

    Outputs: `examples` (Examples: gzipped TFRecords of tf.Example, keys in `mocogan.data.records.keys`) and
    `ingest_report` (IngestReport). The base class makes Kubeflow and Vertex use TFX's driver for file input.
    """

    SPEC_CLASS = VideoExampleGenSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)
    DRIVER_CLASS = driver.VideoFolderDriver

    def __init__(
        self,
        input_base: str,
        input_config: example_gen_pb2.Input | None = None,
        output_config: example_gen_pb2.Output | None = None,
        custom_config: Mapping[str, Any] | None = None,
        range_config: range_config_pb2.RangeConfig | None = None,
        resume_root: str | None = None,
    ) -> None:
        """Creates the component. The arguments are those of TFX's FileBasedExampleGen, and the last one.

        Args:
            input_base: Folder of videos, or with `input_config` the folder above it. All files in it and its
                subfolders are read. The first-level subfolders are the classes.
            input_config: One split, whose pattern is `*` for `input_base`, or a folder below it with `/*`, such as
                `span-{SPAN}/*`. As in TFX, `{SPAN}`, `{VERSION}` and `{YYYY}-{MM}-{DD}` select the newest folder.
                Default: `*`.
            output_config: The splits 'train' and 'eval', whose `hash_buckets` are their shares. All clips of a video
                belong to one split. `train_and_eval(0.2)` (`arguments/split_shares.py`) makes one. Default: nine to
                one.
            custom_config: Options of the ingest by name, such as `{"num_frames": 16, "size": 64}`: all fields of
                `mocogan.data.config.IngestConfig` but `eval_fraction`, which `output_config` gives. Default: none,
                so that all options have their defaults.
            range_config: Span to read, if the pattern has one. Default: the newest.
            resume_root: Folder that the executions of a pipeline share, local or an address. An execution takes over
                the unchanged videos of the newest one with the same settings, and continues one that was killed. It
                must be outside the output folders, because TFX deletes those of a failed execution. Default: none, so
                that all videos are decoded.

        Raises:
            ValueError: An argument is not valid.
        """
        if input_config is None:
            input_config = make_default_input_config()
        if output_config is None:
            output_config = train_and_eval(_DEFAULT_EVAL_FRACTION)
        check_input(input_base, input_config, range_config)
        check_folder("resume_root", resume_root)
        config = _ingest_config(custom_config, eval_fraction_of(output_config))
        component_spec = VideoExampleGenSpec(
            input_base=input_base,
            input_config=input_config,
            output_config=output_config,
            range_config=range_config,
            output_data_format=example_gen_pb2.FORMAT_TF_EXAMPLE,
            output_file_format=example_gen_pb2.FORMAT_TFRECORDS_GZIP,
            ingest_config=_as_stored(config).model_dump_json(),
            code_fingerprint=code_fingerprint(executor.__name__, _DECODER_PROCESS),
            resume_root=resume_root,
            examples=types.Channel(type=standard_artifacts.Examples),
            ingest_report=types.Channel(type=IngestReport),
        )
        # FileBasedExampleGen's constructor would create its own spec, without the report.
        base_beam_component.BaseBeamComponent.__init__(self, spec=component_spec)


def _ingest_config(custom_config: Mapping[str, Any] | None, eval_fraction: float) -> IngestConfig:
    config = checked_settings(IngestConfig, custom_config)
    if custom_config and "eval_fraction" in custom_config:
        raise ValueError(
            f"{CUSTOM_CONFIG}.eval_fraction={config.eval_fraction} belongs into output_config. Remove it, and set "
            f"output_config=train_and_eval({config.eval_fraction})"
        )
    return config.model_copy(update={"eval_fraction": eval_fraction})


def _as_stored(config: IngestConfig) -> IngestConfig:
    """The part of `config` that affects the stored clips. With `store_size` set, a new `size` must not ingest again."""
    return config.model_copy(update={"size": config.stored_size, "store_size": None})
