"""MoCoGanTrainer: the inputs and outputs of TFX's Trainer plus checkpoints."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.proto import trainer_pb2
from tfx.types import component_spec, standard_artifacts, standard_component_specs

from mocogan.components.artifact_types import GanCheckpoint, WarmStartModel
from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY, code_fingerprint
from mocogan.components.kept_folder import check_folder
from mocogan.components.settings import CUSTOM_CONFIG, checked_settings
from mocogan.components.trainer import executor
from mocogan.trainer import contract
from mocogan.trainer.config import TrainerConfig

_SAFE_NAME = re.compile(r"[A-Za-z0-9._-]+")

RUN_FN = "mocogan.trainer.entry_point.run_fn"


class MoCoGanTrainerSpec(types.ComponentSpec):
    """Inputs, outputs and parameters of MoCoGanTrainer."""

    PARAMETERS: ClassVar = {
        standard_component_specs.RUN_FN_KEY: component_spec.ExecutionParameter(type=str),
        standard_component_specs.CUSTOM_CONFIG_KEY: component_spec.ExecutionParameter(type=str),
        standard_component_specs.TRAIN_ARGS_KEY: component_spec.ExecutionParameter(
            type=trainer_pb2.TrainArgs
        ),
        standard_component_specs.EVAL_ARGS_KEY: component_spec.ExecutionParameter(
            type=trainer_pb2.EvalArgs
        ),
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
            type=standard_artifacts.Schema, optional=True
        ),
        standard_component_specs.BASE_MODEL_KEY: component_spec.ChannelParameter(
            type=WarmStartModel, optional=True
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

    Outputs: `model` (the SavedModel in `Format-Serving/`), `model_run` (a copy of the training's log, and
    `training_summary.json`) and `checkpoints`. Each output has custom properties: steps, seconds, final losses, clip
    shape, number of parameters, device, trainer configuration and code fingerprint.
    """

    SPEC_CLASS = MoCoGanTrainerSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

    def __init__(
        self,
        examples: types.BaseChannel,
        transform_graph: types.BaseChannel,
        schema: types.BaseChannel | None = None,
        base_model: types.BaseChannel | None = None,
        run_fn: str = RUN_FN,
        train_args: trainer_pb2.TrainArgs | None = None,
        custom_config: Mapping[str, Any] | None = None,
        checkpoint_root: str | None = None,
        log_root: str | None = None,
        log_name: str | None = None,
    ) -> None:
        """Creates the component. The arguments are those of TFX's Trainer, and the last three.

        TFX's `eval_args` is missing, because the training reads no held-out clips. VideoEvaluator does.

        Args:
            examples: Raw examples from VideoExampleGen. Their property `ingest_config` tells how the clips were cut.
            transform_graph: TransformGraph, which `run_fn` applies to the raw examples.
            schema: Schema of the raw examples, for the lineage. Default: none, because the graph contains it.
            base_model: Model whose weights the generator starts from, as far as they fit: from WarmStartFinder, or any
                Model of this project. Default: none.
            run_fn: Dotted path of a function of this project that takes `tfx.components.FnArgs`. Default: the
                training of this project.
            train_args: `num_steps` is the number of training steps (0: the default of `run.steps`), `splits` the
                splits to train on (none: 'train'). Default: `TrainArgs()`.
            custom_config: Options of the trainer by section and name, such as `{"run": {"batch_size": 16}}`: all
                fields of `mocogan.trainer.config.TrainerConfig` but `run.steps`, which `train_args` gives, and
                `run.warm_start`, which WarmStartFinder takes. Default: none, so that all options have their defaults.
            checkpoint_root: Folder from which interrupted trainings resume. It must be outside the output folders,
                because TFX deletes those of a failed execution. Default: `kept_checkpoints` in the node's folder
                below the pipeline root.
            log_root: Folder with one log per training, for `tensorboard --logdir`. A training that resumes continues
                its log, so it must be outside the output folders too. Default: `kept_logs` in the node's folder.
            log_name: Start of the log's name, before the key of the training. Letters, digits, `.`, `_` and `-`.
                Default: none.

        Raises:
            ValueError: An argument is not valid.
            ModuleNotFoundError: `run_fn` is not in a module of this project.
        """
        if train_args is None:
            train_args = trainer_pb2.TrainArgs()
        check_folder("checkpoint_root", checkpoint_root)
        check_folder("log_root", log_root)
        if log_name is not None and not _SAFE_NAME.fullmatch(log_name):
            raise ValueError(
                f"log_name={log_name!r} must have only letters, digits, '.', '_' and '-'"
            )
        if not isinstance(run_fn, str):
            raise ValueError(f"run_fn must be the dotted path of a function, got {run_fn!r}")
        config = {
            contract.TRAINER_CONFIG: _trainer_config(custom_config, train_args),
            contract.CHECKPOINT_ROOT: checkpoint_root,
            contract.LOG_ROOT: log_root,
            contract.LOG_NAME: log_name,
        }
        super().__init__(
            spec=MoCoGanTrainerSpec(
                examples=examples,
                transform_graph=transform_graph,
                schema=schema,
                base_model=base_model,
                run_fn=run_fn,
                custom_config=json.dumps(config, sort_keys=True),
                train_args=train_args,
                eval_args=trainer_pb2.EvalArgs(),
                code_fingerprint=code_fingerprint(run_fn.rpartition(".")[0], executor.__name__),
                model=types.Channel(type=standard_artifacts.Model),
                model_run=types.Channel(type=standard_artifacts.ModelRun),
                checkpoints=types.Channel(type=GanCheckpoint),
            )
        )


def _trainer_config(
    custom_config: Mapping[str, Any] | None, train_args: trainer_pb2.TrainArgs
) -> dict[str, Any]:
    """All options of the trainer as JSON values."""
    if not isinstance(train_args, trainer_pb2.TrainArgs):
        raise ValueError(f"train_args must be a trainer_pb2.TrainArgs, got {train_args!r}")
    if train_args.num_steps < 0:
        raise ValueError(f"train_args.num_steps={train_args.num_steps} must be at least 0")
    config = checked_settings(TrainerConfig, custom_config)
    given = custom_config.get("run", {}) if custom_config else {}
    if "steps" in given:
        raise ValueError(
            f"{CUSTOM_CONFIG}.run.steps={config.run.steps} belongs into train_args. Remove it, and set "
            f"train_args=TrainArgs(num_steps={config.run.steps})"
        )
    if "warm_start" in given:
        raise ValueError(
            f"{CUSTOM_CONFIG}.run.warm_start={config.run.warm_start} belongs to WarmStartFinder. Remove it, and set "
            "base_model to the output of that component"
        )
    steps = train_args.num_steps or config.run.steps
    run = config.run.model_copy(update={"steps": steps})
    whole = config.model_copy(update={"run": run})
    return whole.model_dump(mode="json", exclude={"run": {"warm_start"}})
