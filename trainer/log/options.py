"""The options of a training in its log: as a table, and as the hyper-parameters that TensorBoard compares."""

from __future__ import annotations

import json
import types
import typing
from typing import Any

from pydantic import BaseModel
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2
from tensorboard.plugins.hparams.summary_v2 import hparams_pb

from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.log import scalars

_NOT_COMPARED = ("checkpoint", "diagnostics")  # sections that do not change a training

Value = bool | int | float | str


def flat_options(config: TrainerConfig) -> dict[str, Any]:
    """All options by names such as `run.batch_size`, as JSON values."""
    sections = config.model_dump(mode="json")
    return {
        f"{s}.{name}": value for s, options in sections.items() for name, value in options.items()
    }


def hyperparameters(config: TrainerConfig) -> dict[str, Value]:
    """The options that are set, by name. Lists are texts."""
    return {
        name: json.dumps(value) if isinstance(value, list) else value
        for name, value in flat_options(config).items()
        if value is not None
    }


def options_table(config: TrainerConfig) -> str:
    """The options as a Markdown table."""
    rows = [f"| trainer.{name} | {json.dumps(v)} |" for name, v in flat_options(config).items()]
    return "\n".join(["| option | value |", "|---|---|", *rows])


def start_summaries(config: TrainerConfig, group: str) -> tuple[Summary, Summary]:
    """The columns of TensorBoard's table of trainings, and this training's options. `group` names the training."""
    experiment = api_pb2.Experiment(
        hparam_infos=[
            api_pb2.HParamInfo(name=f"{section}.{name}", type=_data_type(field.annotation))
            for section, model in TrainerConfig.model_fields.items()
            if section not in _NOT_COMPARED
            for name, field in _section(model.annotation).model_fields.items()
        ],
        metric_infos=[
            api_pb2.MetricInfo(
                name=api_pb2.MetricName(tag=scalars.tag(name)),
                display_name=name,
                description=scalars.DESCRIPTIONS[name],
            )
            for name in scalars.COMPARED
        ],
    )
    data = plugin_data_pb2.HParamsPluginData(experiment=experiment)
    columns = _summary(metadata.EXPERIMENT_TAG, data)
    options = hyperparameters(config)
    compared = {k: v for k, v in options.items() if k.partition(".")[0] not in _NOT_COMPARED}
    return columns, hparams_pb(compared, trial_id=group)


def end_summary(seconds: float) -> Summary:
    """The end of a training that reached its last step, at `seconds` since 1970."""
    end = plugin_data_pb2.SessionEndInfo(status=api_pb2.STATUS_SUCCESS, end_time_secs=seconds)
    data = plugin_data_pb2.HParamsPluginData(session_end_info=end)
    return _summary(metadata.SESSION_END_INFO_TAG, data)


def _summary(tag: str, data: plugin_data_pb2.HParamsPluginData) -> Summary:
    value = Summary.Value(
        tag=tag, metadata=metadata.create_summary_metadata(data), tensor=metadata.NULL_TENSOR
    )
    return Summary(value=[value])


def _section(annotation: Any) -> type[BaseModel]:
    assert isinstance(annotation, type)
    assert issubclass(annotation, BaseModel)
    return annotation


def _data_type(annotation: Any) -> int:
    kinds = _kinds(annotation)
    if bool in kinds:
        return int(api_pb2.DATA_TYPE_BOOL)
    return int(api_pb2.DATA_TYPE_FLOAT64 if kinds <= {int, float} else api_pb2.DATA_TYPE_STRING)


def _kinds(annotation: Any) -> set[Any]:
    """The types of an option's values, without None. Lists are not numbers."""
    origin = typing.get_origin(annotation)
    if origin is typing.Literal:
        return {type(value) for value in typing.get_args(annotation)}
    if origin in (types.UnionType, typing.Union):
        return set().union(*map(_kinds, typing.get_args(annotation))) - {types.NoneType}
    return {annotation}
