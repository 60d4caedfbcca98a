"""The contract of VideoExampleGen."""

from __future__ import annotations

from tfx import types
from tfx.components.example_gen.component import FileBasedExampleGen
from tfx.components.example_gen.utils import make_default_input_config
from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.proto import example_gen_pb2
from tfx.types import standard_artifacts, standard_component_specs
from tfx.types.component_spec import ChannelParameter, ExecutionParameter

from mocogan.components.artifact_types import IngestReport
from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY, code_fingerprint
from mocogan.components.video_example_gen import driver, executor
from mocogan.data.config import IngestConfig
from mocogan.data.records.keys import EVAL, TRAIN

# The executor starts this module by name, so no import names it.
_DECODER_PROCESS = "mocogan.data.decoding.isolation.decoder_process"


class VideoExampleGenSpec(standard_component_specs.FileBasedExampleGenSpec):
    """The contract of TFX's FileBasedExampleGen plus the ingest options, a hash of the code, and the report."""

    PARAMETERS = standard_component_specs.FileBasedExampleGenSpec.PARAMETERS | {
        executor.INGEST_CONFIG_KEY: ExecutionParameter(type=str),
        CODE_FINGERPRINT_KEY: ExecutionParameter(type=str),
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

    def __init__(self, input_base: str, config: IngestConfig) -> None:
        """Creates the component.

        Args:
            input_base: Folder of videos. All files in it and its subfolders are read. The first-level subfolders
                are the classes.
            config: Options of the ingest.

        Raises:
            ValueError: `input_base` is empty.
        """
        if not input_base:
            raise ValueError("input_base='' must be the folder of videos")
        component_spec = VideoExampleGenSpec(
            input_base=input_base,
            input_config=make_default_input_config(),
            output_config=_output_config(config.eval_fraction),
            output_data_format=example_gen_pb2.FORMAT_TF_EXAMPLE,
            output_file_format=example_gen_pb2.FORMAT_TFRECORDS_GZIP,
            ingest_config=_as_stored(config).model_dump_json(),
            code_fingerprint=code_fingerprint(executor.__name__, _DECODER_PROCESS),
            examples=types.Channel(type=standard_artifacts.Examples),
            ingest_report=types.Channel(type=IngestReport),
        )
        # FileBasedExampleGen's constructor would create its own spec, without the report.
        base_beam_component.BaseBeamComponent.__init__(self, spec=component_spec)


def _as_stored(config: IngestConfig) -> IngestConfig:
    """The part of `config` that affects the stored clips. With `store_size` set, a new `size` must not ingest again."""
    return config.model_copy(update={"size": config.stored_size, "store_size": None})


def _output_config(eval_fraction: float) -> example_gen_pb2.Output:
    """Names the splits. TFX needs their sizes as integers, here in hundredths of a percent."""
    eval_buckets = min(max(round(eval_fraction * 10_000), 1), 9_999)
    split = example_gen_pb2.SplitConfig.Split
    return example_gen_pb2.Output(
        split_config=example_gen_pb2.SplitConfig(
            splits=[
                split(name=TRAIN, hash_buckets=10_000 - eval_buckets),
                split(name=EVAL, hash_buckets=eval_buckets),
            ]
        )
    )
