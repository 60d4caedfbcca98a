"""The contract of ExampleValidator: TFX's contract plus a hash of the code."""

from __future__ import annotations

from tfx import types
from tfx.components.example_validator import component as example_validator
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import standard_artifacts, standard_component_specs
from tfx.types.component_spec import ExecutionParameter

from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY, code_fingerprint
from mocogan.components.data_validator import executor


class ExampleValidatorSpec(standard_component_specs.ExampleValidatorSpec):
    """TFX's contract plus a hash of the code for the cache key."""

    PARAMETERS = standard_component_specs.ExampleValidatorSpec.PARAMETERS | {
        CODE_FINGERPRINT_KEY: ExecutionParameter(type=str),
    }


class ExampleValidator(example_validator.ExampleValidator):
    """Checks the statistics of the examples against the schema.

    Output: `anomalies` (ExampleAnomalies). The component fails with DataAnomalies when it finds any.

    Args:
        statistics: ExampleStatistics of the examples, from StatisticsGen.
        schema: Schema that the examples must fit.
    """

    SPEC_CLASS = ExampleValidatorSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

    def __init__(self, statistics: types.BaseChannel, schema: types.BaseChannel) -> None:
        spec = ExampleValidatorSpec(
            statistics=statistics,
            schema=schema,
            code_fingerprint=code_fingerprint(executor.__name__),
            anomalies=types.Channel(type=standard_artifacts.ExampleAnomalies),
        )
        # TFX's constructor would create its own spec, without the hash.
        base_component.BaseComponent.__init__(self, spec=spec)
