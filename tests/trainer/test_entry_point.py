"""`run_fn` on gzip records and a transform graph that tf.Transform made from them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf
from tfx.components.trainer.fn_args_utils import FnArgs

from mocogan.components.trainer.executor import read_training_summary
from mocogan.data.config import IngestConfig
from mocogan.data.input.shares import shard_shares
from mocogan.data.records.clip import Clip
from mocogan.data.records.clip_record import clip_to_record
from mocogan.trainer import contract
from mocogan.trainer.contract import read_model_description
from mocogan.trainer.entry_point import run_fn
from mocogan.trainer.errors import DataUnreadable
from tests.support.trainer_config import tiny
from tests.support.training_data import write_training_data
from tests.support.waiting import HANG_SECONDS

ClipShape = tuple[int, int, int, int]
Run = Callable[..., Path]

ROOT = Path(__file__).parents[2]
LABELS = (b"walk", b"run\xff", b"run\xff")  # a folder name outside UTF-8
INGEST_CONFIG = IngestConfig(frame_stride=2, resize="squash").model_dump(
    include=set(contract.INGEST_OPTIONS)
)
QUICK: dict[str, object] = {
    "architecture": "seed"
}  # the quickest networks to build, trace and save


class TrainingData(NamedTuple):
    """What the nodes before the trainer leave."""

    pattern: str
    graph: str


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, clip_shape: ClipShape) -> TrainingData:
    """Three clips of two classes, fewer than a batch, with their transform graph."""
    folder = tmp_path_factory.mktemp("data")
    write_training_data(folder, num_frames=clip_shape[0], size=clip_shape[1], labels=LABELS)
    return TrainingData(str(folder / "examples" / "Split-train" / "*"), str(folder / "graph"))


def arguments(
    data: TrainingData, config: Mapping[str, object], folder: Path, root: Path
) -> dict[str, object]:
    """Of `FnArgs`, for outputs in `folder` and checkpoints in `root`."""
    return {
        "train_files": [data.pattern],
        "transform_graph_path": data.graph,
        "serving_model_dir": str(folder / "model" / "Format-Serving"),
        "model_run_dir": str(folder / "run"),
        "custom_config": {
            contract.TRAINER_CONFIG: config,
            contract.INGEST_CONFIG: INGEST_CONFIG,
            contract.CHECKPOINT_ROOT: str(root),
            contract.LOG_ROOT: f"{root}-logs",
            contract.LOG_NAME: "tiny-data",
            contract.CHECKPOINT_DIR: str(folder / "checkpoints"),
            contract.CODE_FINGERPRINT: "abc",
            contract.BASE: None,
        },
    }


@pytest.fixture
def run(data: TrainingData, tmp_path: Path) -> Run:
    """Runs `run_fn` with outputs in a new folder below tmp_path; that folder."""

    def start(
        name: str = "first",
        base: contract.Base | None = None,
        gone: bool = False,
        root: Path = tmp_path / "kept",
        train_files: str = data.pattern,
        **options: object,
    ) -> Path:
        folder = tmp_path / name
        given = arguments(data, tiny(**options).model_dump(), folder, root) | {
            "train_files": [train_files]
        }
        given["custom_config"][contract.BASE] = base and base.model_dump()
        run_fn(FnArgs(**given, base_model=base.folder if base and not gone else None))
        return folder

    return start


def exported_weights(folder: Path) -> list[np.ndarray]:
    model = tf.saved_model.load(str(folder / "model" / "Format-Serving"))
    return [weight.numpy() for _, weight in sorted(model.generator_weights.items())]


def test_a_run_leaves_a_model_a_summary_samples_and_checkpoints(run: Run) -> None:
    folder = run(steps=2, r1_interval=1, r1_gamma=10.0)
    model = tf.saved_model.load(str(folder / "model" / "Format-Serving"))
    clips = model.sample(num_clips=tf.constant(2), seed=tf.constant(0, tf.int64))["clips"]
    assert (clips.shape, clips.dtype) == ([2, 4, 8, 8, 3], tf.uint8)
    # All four clips of a batch are counted, the rarer class too.
    assert model.drawing.class_counts.numpy().sum() == 2 * 4
    assert (model.drawing.class_counts.numpy() > 0).all()
    samples = {path.name for path in (folder / "run" / "samples").glob("*.png")}
    assert samples == {"step-000000.png", "step-000002.png", "real.png"}
    assert list((folder / "run").glob("events.out.tfevents.*"))
    assert [path.name for path in (folder / "checkpoints").iterdir()] == ["step-00000002.npz"]

    description = read_model_description(str(folder / "model" / "Format-Serving"))
    assert description is not None
    assert description.versions["tensorflow"] == tf.__version__
    assert len(description.configuration_sha256 or "") == 64
    varying = {"versions", "configuration_sha256"}
    assert description.model_dump(exclude=varying) == {
        "format_version": 1,
        "clip_shape": (4, 8, 8, 3),
        "frame_stride": 2,
        "fps": None,
        "resize": "squash",
        "resize_filter": "area",
        "labels": ("run\\xff", "walk"),
        "words": (),
        "example_captions": (),
        "frame_rate": None,
        "steps": 2,
        "trained_labels": ("run\\xff", "walk"),
        "warm_start": None,
    }

    summary = read_training_summary(str(folder / "run"))
    assert (summary.steps, summary.num_categories, summary.clip_shape) == (2, 2, (4, 8, 8, 3))
    assert (
        summary.clips_per_second > 2 * 4 / summary.seconds
    )  # which has the time of compiling in it
    assert summary.sample_distance is not None
    assert (summary.exported_step, summary.clip_distance) == (2, None)
    assert summary.rollbacks == 0
    assert summary.verdict == "early: 2 steps are too few for a diagnosis"
    assert {"diversity_ratio", "video_roc_auc", "generator_gradient"} <= set(summary.examination)
    assert {"d_loss", "g_loss", "category_g_loss"} <= set(summary.losses)
    trainable = [weight for weight in model.generator_weights.values() if weight.trainable]
    assert summary.parameters == sum(weight.numpy().size for weight in trainable)


@pytest.mark.exhaustive
@pytest.mark.usefixtures("eagerly")
def test_more_steps_go_on_where_the_last_run_ended(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    some = run("some", steps=2, **QUICK)  # with clips from memory
    more = run("more", steps=3, log_interval=1, cache_mb=0, **QUICK)
    assert "resuming at step 2 of trainer.run.steps=3" in capsys.readouterr().err
    (training,) = (tmp_path / "kept").iterdir()
    assert [path.name for path in (tmp_path / "kept-logs").iterdir()] == [
        f"tiny-data-{training.name}"
    ]
    entries = (more / "run" / contract.METRICS_FILE).read_text("utf-8").splitlines()
    assert [json.loads(entry)["step"] for entry in entries] == [2, 3]  # of both runs
    whole = run("whole", steps=3, r1_interval=8, root=tmp_path / "elsewhere", **QUICK)
    first, found, expected = (exported_weights(folder) for folder in (some, more, whole))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    assert any((one != other).any() for one, other in zip(first, expected, strict=True))


@pytest.mark.exhaustive
@pytest.mark.usefixtures("eagerly")
def test_the_best_step_is_exported(run: Run, tmp_path: Path) -> None:
    folder = run(steps=3, interval=1, export="best", log_interval=100, **QUICK)
    summary = read_training_summary(str(folder / "run"))
    assert summary.clip_distance is not None
    (checkpoint,) = (tmp_path / "kept").glob(f"*/step-{summary.exported_step:08d}.npz")
    with np.load(checkpoint) as saved:
        names = sorted(name for name in saved.files if name.startswith("ema_generator/"))
        for name, weight in zip(names, exported_weights(folder), strict=True):
            np.testing.assert_array_equal(weight, saved[name])


@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("cache_mb", [0, 16])
def test_damaged_data_end_it_with_what_is_saved(
    run: Run, data: TrainingData, tmp_path: Path, cache_mb: int
) -> None:
    [whole] = Path(data.pattern).parent.glob("*")
    content = bytearray(whole.read_bytes())
    content[len(content) // 2] ^= 0x55
    damaged = tmp_path / whole.name
    damaged.write_bytes(content)
    with pytest.raises(DataUnreadable, match=r"cannot read the training data: .* Step 0 is saved"):
        run(cache_mb=cache_mb, train_files=str(damaged))


@pytest.mark.exhaustive
@pytest.mark.usefixtures("eagerly")
def test_a_training_begins_with_the_weights_of_another_model(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    still = {"generator_learning_rate": 1e-30, "seed": 6, **QUICK}
    first = run("base", seed=5, steps=1, **QUICK)
    serving = first / "model" / "Format-Serving"
    base = contract.Base(model_sha256="ab" * 32, folder=str(serving))
    warm = run("warm", base=base, steps=1, **still)
    expected, found = exported_weights(first), exported_weights(warm)
    cold = exported_weights(run("cold", steps=1, **still))
    trainings = sorted(path.name for path in (tmp_path / "kept").iterdir())
    assert len(trainings) == 3
    assert f"{'ab' * 8}" in {name.partition("-")[2] for name in trainings}
    for number in [number for number, weight in enumerate(found) if weight.ndim > 1]:
        np.testing.assert_allclose(found[number], expected[number], atol=1e-6)
        assert (np.abs(cold[number] - found[number]) > 1e-6).any()
    summary = read_training_summary(str(warm / "run"))
    description = read_model_description(str(warm / "model" / "Format-Serving"))
    assert summary.warm_start is not None
    assert description is not None
    assert description.warm_start == summary.warm_start
    assert summary.warm_start.known_classes == description.trained_labels
    assert summary.properties()["warm_start"] == summary.warm_start.text()

    # The model is deleted, and the training resumes from its checkpoint.
    capsys.readouterr()
    more = run("more", base=base, gone=True, steps=2, **still)
    printed = capsys.readouterr().err
    assert "resuming at step 1 of trainer.run.steps=2" in printed
    assert "starting from" not in printed
    assert read_training_summary(str(more / "run")).warm_start == summary.warm_start


@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize(
    "changes",
    [
        {"use_categories": False},
        pytest.param({"architecture": "seed"}, marks=pytest.mark.exhaustive),
    ],
    ids=str,
)
def test_classes_can_be_left_alone(run: Run, changes: dict[str, object]) -> None:
    folder = run(steps=1, **changes)
    summary = json.loads((folder / "run" / contract.TRAINING_SUMMARY_FILE).read_text("utf-8"))
    assert summary["num_categories"] == 0
    description = read_model_description(str(folder / "model" / "Format-Serving"))
    assert description is not None
    assert description.labels == ()
    assert "category_d_loss" not in summary["losses"]


@pytest.mark.exhaustive
@pytest.mark.slow
def test_two_processes_leave_the_outputs_of_one(data: TrainingData, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    settings = tiny(steps=1, **QUICK).model_dump()
    written = arguments(data, settings, tmp_path / "first", kept)
    errors = run_two_processes(tmp_path, written, written)
    assert "each of the 2 workers reads all 1 shards" in errors[0]
    # Two that wrote would leave two of these.
    assert len(list((tmp_path / "first" / "run").glob("events.out.tfevents.*"))) == 1
    assert len(list(kept.glob("*/step-*.npz"))) == 2
    assert read_training_summary(str(tmp_path / "first" / "run")).steps == 1
    for weight in exported_weights(tmp_path / "first"):
        assert np.isfinite(weight).all()


@pytest.mark.exhaustive
@pytest.mark.slow
def test_each_of_two_processes_reads_its_own_shards(
    data: TrainingData, clip_shape: ClipShape, tmp_path: Path
) -> None:
    """Each has a folder in which the shards of the other one are damaged."""
    random = np.random.default_rng(0)
    names = [f"data_tfrecord-{number:05d}-of-00004.gz" for number in range(4)]
    folders = [tmp_path / "data0" / "Split-train", tmp_path / "data1" / "Split-train"]
    for folder in folders:
        folder.mkdir(parents=True)
    for name in names:
        with tf.io.TFRecordWriter(str(folders[0] / name), "GZIP") as writer:
            for number in range(6):
                clip = Clip(random.integers(0, 256, clip_shape, np.uint8), 0, 0.0)
                writer.write(clip_to_record(clip, b"%d.mp4" % number, LABELS[number % 2], b""))
        shutil.copyfile(folders[0] / name, folders[1] / name)
    shares = shard_shares([str(folders[0] / name) for name in names], 2)
    assert shares is not None
    for reader, share in enumerate(shares):
        for path in share:
            damage(folders[1 - reader] / Path(path).name)

    settings = tiny(steps=4, batch_size=6, **QUICK).model_dump()
    written = [
        arguments(
            TrainingData(str(folder / "*"), data.graph),
            settings,
            tmp_path / "first",
            tmp_path / "kept",
        )
        for folder in folders
    ]
    errors = run_two_processes(tmp_path, *written)
    for number, text in enumerate(errors):
        assert f"worker {number} of 2 reads 2 of 4 shards" in text
    assert read_training_summary(str(tmp_path / "first" / "run")).steps == 4


def damage(shard: Path) -> None:
    """Changes all bytes but those of the header and the end, from which a training knows its data."""
    content = bytearray(shard.read_bytes())
    content[20:-20] = bytes(len(content) - 40)
    shard.write_bytes(content)


def run_two_processes(folder: Path, *written: dict[str, object]) -> list[str]:
    """Runs `run_fn` in two processes that train together. Returns what they wrote on standard error."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    cluster = {"worker": [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]}
    for each in sockets:
        each.close()
    processes = []
    for number, content in enumerate(written):
        path = folder / f"arguments{number}.json"
        path.write_text(json.dumps(content), "utf-8")
        config = {"cluster": cluster, "task": {"type": "worker", "index": number}}
        processes.append(
            subprocess.Popen(
                [sys.executable, "-m", "tests.support.distributed_entry_point", str(path)],
                cwd=ROOT,
                env={**os.environ, "TF_CONFIG": json.dumps(config)},
                stderr=subprocess.PIPE,
                text=True,
            )
        )
    try:
        errors = [process.communicate(timeout=HANG_SECONDS)[1] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0], errors
    return errors


def test_a_wrong_option_stops_it_before_any_work(data: TrainingData, tmp_path: Path) -> None:
    config = tiny().model_dump()
    config["run"]["steps"] = -1
    with pytest.raises(ValueError, match=r"(?m)^run\.steps$"):
        run_fn(FnArgs(**arguments(data, config, tmp_path, tmp_path)))
    assert list(tmp_path.iterdir()) == []
