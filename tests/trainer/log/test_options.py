from __future__ import annotations

from tensorboard.plugins.hparams import api_pb2, metadata

from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.log.options import (
    end_summary,
    flat_options,
    hyperparameters,
    options_table,
    start_summaries,
)
from mocogan.trainer.log.scalars import COMPARED, tag

CONFIG = TrainerConfig.model_validate(
    {"run": {"batch_size": 16}, "loss": {"diff_augment": ["color"]}}
)


def test_options_are_flat_and_hyperparameters_are_plain_values() -> None:
    options = flat_options(CONFIG)
    assert options["run.batch_size"] == 16
    assert options["loss.diff_augment"] == ["color"]
    assert options["run.max_minutes"] is None
    plain = hyperparameters(CONFIG)
    assert (plain["run.batch_size"], plain["loss.diff_augment"]) == (16, '["color"]')
    assert "run.max_minutes" not in plain


def test_the_table_has_all_options() -> None:
    lines = options_table(CONFIG).splitlines()
    assert "| trainer.run.batch_size | 16 |" in lines
    assert "| trainer.run.max_minutes | null |" in lines
    assert len(lines) == 2 + len(flat_options(CONFIG))


def test_tensorboard_gets_columns_with_types_and_the_values_of_the_training() -> None:
    columns, start = start_summaries(CONFIG, "demo-videos-0123")
    experiment = metadata.parse_experiment_plugin_data(
        columns.value[0].metadata.plugin_data.content
    )
    kinds = {info.name: info.type for info in experiment.hparam_infos}
    others = ("checkpoint.", "diagnostics.")  # which do not change a training
    names = {name for name in flat_options(CONFIG) if not name.startswith(others)}
    assert kinds.keys() == names
    assert kinds["run.max_minutes"] == kinds["run.batch_size"] == api_pb2.DATA_TYPE_FLOAT64
    assert kinds["model.video_downsample"] == api_pb2.DATA_TYPE_FLOAT64
    assert kinds["model.coord_planes"] == api_pb2.DATA_TYPE_BOOL
    assert kinds["loss.adversarial"] == kinds["optimizer.betas"] == api_pb2.DATA_TYPE_STRING
    assert [info.name.tag for info in experiment.metric_infos] == [tag(name) for name in COMPARED]
    session = metadata.parse_session_start_info_plugin_data(
        start.value[0].metadata.plugin_data.content
    )
    assert session.group_name == "demo-videos-0123"
    assert session.hparams.keys() <= names
    assert session.hparams["run.batch_size"].number_value == 16
    assert session.hparams["run.deterministic"].bool_value is False


def test_the_end_is_a_success() -> None:
    content = end_summary(5.0).value[0].metadata.plugin_data.content
    end = metadata.parse_session_end_info_plugin_data(content)
    assert (end.status, end.end_time_secs) == (api_pb2.STATUS_SUCCESS, 5.0)
