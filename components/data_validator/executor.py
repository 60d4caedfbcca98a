"""Runs ExampleValidator and fails when it finds anomalies."""

from __future__ import annotations

import os
from typing import Any

from tensorflow_metadata.proto.v0 import anomalies_pb2
from tfx import types
from tfx.components.example_validator import executor as example_validator
from tfx.components.statistics_gen.stats_artifact_utils import load_statistics
from tfx.proto.orchestration import execution_result_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils, json_utils

from mocogan.components.data_validator.anomalies import raise_on_anomalies


class Executor(example_validator.Executor):
    """TFX's ExampleValidator, which also fails on anomalies. It skips splits without examples."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> execution_result_pb2.ExecutorOutput:
        """Writes `anomalies` as TFX does. Raises DataAnomalies when it finds any."""
        statistics = artifact_utils.get_single_instance(
            input_dict[standard_component_specs.STATISTICS_KEY]
        )
        properties = exec_properties | {
            standard_component_specs.EXCLUDE_SPLITS_KEY: json_utils.dumps(_empty_splits(statistics))
        }
        result = super().Do(input_dict, output_dict, properties)
        anomalies = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.ANOMALIES_KEY]
        )
        raise_on_anomalies(
            {
                split: _read_anomalies(anomalies, split)
                for split in artifact_utils.decode_split_names(anomalies.split_names)
            }
        )
        return result


def _empty_splits(statistics: types.Artifact) -> list[str]:
    return [
        split
        for split in artifact_utils.decode_split_names(statistics.split_names)
        if not any(
            dataset.num_examples for dataset in load_statistics(statistics, split).proto().datasets
        )
    ]


def _read_anomalies(artifact: types.Artifact, split: str) -> anomalies_pb2.Anomalies:
    path = os.path.join(
        artifact_utils.get_split_uri([artifact], split), example_validator.DEFAULT_FILE_NAME
    )
    return anomalies_pb2.Anomalies.FromString(io_utils.read_bytes_file(path))
