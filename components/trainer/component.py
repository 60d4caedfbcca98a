"""MoCoGanTrainer: the inputs and outputs of TFX's Trainer plus checkpoints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.proto.trainer_pb2 import EvalArgs, TrainArgs
from tfx.types import component_spec, standard_artifacts, standard_component_specs

from mocogan.components.artifact_types import GanCheckpoint
from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY, code_fingerprint
from mocogan.components.trainer import executor
from mocogan.data.config import IngestConfig
from mocogan.trainer import contract

RUN_FN = "mocogan.trainer.entry_point.run_fn"


class MoCoGanTrainerSpec(types.ComponentSpec):
    """Inputs, outputs and parameters of MoCoGanTrainer."""

    PARAMETERS: ClassVar = {
        standard_component_specs.RUN_FN_KEY: component_spec.ExecutionParameter(type=str),
        standard_component_specs.CUSTOM_CONFIG_KEY: component_spec.ExecutionParameter(type=str),
        standard_component_specs.TRAIN_ARGS_KEY: component_spec.ExecutionParameter(type=TrainArgs),
        standard_component_specs.EVAL_ARGS_KEY: component_spec.ExecutionParameter(type=EvalArgs),
        CODE_FINGERPRINT_KEY: component_spec.ExecutionParameter(type=str),
    }
    INPUTS: ClassVar = {
        standard_component_specs.EXAMPLES_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.Examples
        ),
        standard_component_specs.TRANSFORM_GRAPH_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.TransformGraph
        ),
        standard_component_specs.SCHEMA_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.Schema
        ),
        standard_component_specs.BASE_MODEL_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.Model, optional=True
        ),
    }
    OUTPUTS: ClassVar = {
        standard_component_specs.MODEL_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.Model
        ),
        standard_component_specs.MODEL_RUN_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.ModelRun
        ),
        executor.CHECKPOINTS_KEY: component_spec.ChannelParameter(type=GanCheckpoint),
    }


class MoCoGanTrainer(base_component.BaseComponent):
    """Trains a MoCoGAN on the train split and exports its generator as a SavedModel.

    Outputs: `model` (the SavedModel in `Format-Serving/`), `model_run` (TensorBoard scalars, sample GIFs,
    `training_summary.json`) and `checkpoints`. Each output has custom properties: steps, seconds, final losses, clip
    shape, number of parameters, device, trainer configuration and code fingerprint.
    """

    SPEC_CLASS = MoCoGanTrainerSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

    def __init__(
        self,
        examples: types.BaseChannel,
        transform_graph: types.BaseChannel,
        schema: types.BaseChannel,
        trainer_config: Mapping[str, Any],
        ingest_config: IngestConfig,
        checkpoint_root: str,
        base_model: types.BaseChannel | None = None,
        run_fn: str = RUN_FN,
    ) -> None:
        """Creates the component.

        Args:
            examples: Raw examples from VideoExampleGen, with the splits 'train' and 'eval'.
            transform_graph: TransformGraph, which `run_fn` applies to the raw examples.
            schema: Schema of the raw examples.
            trainer_config: Options of the trainer, as JSON values. `run_fn` gets them as
                `custom_config["trainer_config"]`.
            ingest_config: How the examples were cut from videos. The description of the model repeats some of it.
            checkpoint_root: Folder from which interrupted trainings resume. It is outside the output folders, because
                TFX deletes the output folders of a failed execution.
            base_model: Exported model whose weights the generator starts from.
            run_fn: Dotted path of a function that takes `tfx.components.FnArgs`.

        Raises:
            ValueError: `trainer_config` is not JSON.
            ModuleNotFoundError: `run_fn` is not in a module of this project.
        """
        super().__init__(
            spec=MoCoGanTrainerSpec(
                examples=examples,
                transform_graph=transform_graph,
                schema=schema,
                base_model=base_model,
                run_fn=run_fn,
                custom_config=_custom_config(trainer_config, ingest_config, checkpoint_root),
                train_args=TrainArgs(splits=["train"]),
                eval_args=EvalArgs(splits=["eval"]),
                code_fingerprint=code_fingerprint(run_fn.rpartition(".")[0], executor.__name__),
                model=types.Channel(type=standard_artifacts.Model),
                model_run=types.Channel(type=standard_artifacts.ModelRun),
                checkpoints=types.Channel(type=GanCheckpoint),
            )
        )


def _custom_config(
    trainer_config: Mapping[str, Any], ingest_config: IngestConfig, checkpoint_root: str
) -> str:
    config = {
        contract.TRAINER_CONFIG: dict(trainer_config),
        contract.INGEST_CONFIG: ingest_config.model_dump(
            mode="json", include=set(contract.INGEST_OPTIONS)
        ),
        contract.CHECKPOINT_ROOT: checkpoint_root,
    }
    try:
        return json.dumps(config, sort_keys=True)
    except TypeError as error:
        raise ValueError(
            f"trainer_config must be JSON: {error}. The value is {trainer_config!r}"
        ) from error
