"""The tables of what the evaluation sees, on a few tiny clips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.evaluation.damages import DAMAGES
from mocogan.evaluation.feature_cache import FeatureCache
from mocogan.evaluation.feature_extractor import VideoClips
from mocogan.evaluation.metrics.registry import SAMPLE_METRICS
from mocogan.pipeline.experiments.evaluation import tables
from mocogan.pipeline.experiments.evaluation.__main__ import main
from mocogan.pipeline.experiments.evaluation.damage_table import damage_table
from mocogan.pipeline.experiments.evaluation.equality import Equality, equality
from mocogan.pipeline.experiments.evaluation.gate_table import REAL, gate_table
from mocogan.pipeline.experiments.evaluation.pool import Pool, disjoint_groups
from mocogan.pipeline.experiments.evaluation.power import Power, powers
from tests.support.shape_clips import shape_clips

COUNT = 12
CONFIG = EvaluatorConfig()


@pytest.fixture(scope="module")
def pool() -> Pool:
    clips = shape_clips(range(6 * COUNT))
    names = {"blurred", *(metric.damage for metric in SAMPLE_METRICS.values())}
    return Pool(
        VideoClips(clips, np.arange(len(clips))),
        FeatureCache(None),
        embedding_steps=0,
        damages={name: DAMAGES[name] for name in names},
    )


@pytest.mark.exhaustive
def test_each_metric_sees_the_damage_of_its_scale(pool: Pool) -> None:
    table = damage_table(pool, COUNT)
    assert table.keys() == pool.damaged.keys()
    for metric in pool.metrics:
        assert table[metric.damage][metric.name] > 2, metric.name
    assert all(abs(table["inverted"][name]) < 2 for name in ("change", "taken_back"))
    rows = tables.damages(table).splitlines()
    assert len(rows) == 2 + len(table)
    assert "clip_distance" in rows[0]


@pytest.mark.exhaustive
def test_the_gate_tells_broken_from_real_clips(pool: Pool) -> None:
    found = gate_table(pool, COUNT, 1, CONFIG)
    assert found.keys() == {REAL, *pool.damaged}
    assert (found[REAL].by_bounds, found[REAL].bound) == (0, "")
    assert found[REAL].places[0] < CONFIG.max_damage
    for name in ("black", "still", "one_clip"):
        assert (found[name].by_bounds, found[name].by_baseline) == (1, 1), name
        assert found[name].places[0] > CONFIG.max_damage
    assert "| real clips of other videos | real |" in tables.gate(found)


def test_equal_models(pool: Pool) -> None:
    found = equality(pool, COUNT, 4, CONFIG)
    assert (found.num_clips, found.trials) == (COUNT, 4)
    assert found.by_baseline <= 1
    half = tables.equality([Equality(COUNT, 4, by_bounds=0, by_baseline=2)])
    assert "| 0.0% (0.0% to 60.2%) | 50.0% (6.8% to 93.2%) |" in half


@pytest.mark.exhaustive
def test_a_large_share_of_black_clips_is_refused(pool: Pool) -> None:
    found = powers(pool, ["black"], COUNT, 2, CONFIG)["black"]
    assert found.by_bounds is not None
    assert 0.05 < found.by_bounds <= 1
    row = tables.power([COUNT], [{"black": Power(0.3, None)}]).splitlines()[-1]
    assert row.endswith("| 30% / - |")


def test_no_data_set_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 1
    assert (
        capsys.readouterr().err == "error: give at least one of --shapes, --actions and --digits\n"
    )


def test_groups_have_no_video_in_common() -> None:
    videos = np.repeat(np.arange(20), 3)
    groups = disjoint_groups(videos, (5, 10, 5), np.random.default_rng(0))
    assert [len(np.unique(group)) for group in groups] == [5, 10, 5]
    first, second, third = (set(videos[group].tolist()) for group in groups)
    assert not first & second
    assert not first & third
    assert not second & third


@pytest.mark.parametrize(
    ("flag", "message"),
    [("--digits", "error: {} does not exist"), ("--shapes", "error: no files in")],
)
def test_bad_data_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flag: str, message: str
) -> None:
    source = tmp_path / "none.npz"
    if flag == "--shapes":
        source.mkdir()
    assert main([flag, str(source), "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith(message.format(source))
