"""Where TFX meets the trainer: a Trainer component's arguments in, a model and its record out."""

from __future__ import annotations

import functools
import json

import tensorflow as tf
import tensorflow_transform as tft
from tfx.components.trainer.fn_args_utils import FnArgs

from mocogan.data.input.batches import ClipSource, shard_paths
from mocogan.data.records.keys import LABEL_VOCABULARY
from mocogan.trainer.checkpoints.training_key import training_key
from mocogan.trainer.config import HyperParameters
from mocogan.trainer.export.saved_model import Sampler, export, warm_start
from mocogan.trainer.loop.train import TrainingRecord, train
from mocogan.trainer.runtime.device import device_name
from mocogan.trainer.runtime.distribution import choose_distribution
from mocogan.trainer.state import TrainingState

SUMMARY_FILE = "training_summary.json"


def run_fn(fn_args: FnArgs) -> None:
    """Trains on `train_files` and exports the EMA generator to `serving_model_dir`.

    `custom_config` holds "hyperparameters", the fields of HyperParameters; "checkpoint_root", a folder that outlives
    this execution, where each training has its folder; "checkpoint_dir", which gets the last checkpoint; and
    "code_fingerprint". With `base_model` the generator starts from that exported model. Under `model_run_dir` it leaves
    TensorBoard scalars, sample GIFs and `training_summary.json`. Of several processes the chief alone writes. Raises
    what `train` and `choose_distribution` raise, ValueError for a base model or a clip size that does not fit, and
    pydantic's ValidationError for hyper-parameters that do not exist or lie out of range.
    """
    config = fn_args.custom_config
    hyperparameters = HyperParameters.model_validate(config["hyperparameters"])
    distribution = choose_distribution(hyperparameters.distribution)  # before anything is computed
    graph = tft.TFTransformOutput(fn_args.transform_graph_path)
    source = ClipSource(
        fn_args.train_files,
        graph.raw_feature_spec(),
        graph.transform_features_layer(),
        hyperparameters.cache_mb * 2**20,
    )
    clip_shape = source.clip_shape
    num_categories = hyperparameters.num_categories(graph.vocabulary_size_by_name(LABEL_VOCABULARY))
    state = TrainingState(hyperparameters, clip_shape, num_categories, distribution)
    if fn_args.base_model:
        warm_start(state, fn_args.base_model)
    key = training_key(
        hyperparameters,
        shard_paths(fn_args.train_files),
        graph.transform_savedmodel_dir,
        fn_args.base_model,
    )
    record = train(
        hyperparameters,
        state,
        functools.partial(_batches_from, source, hyperparameters),
        f"{config['checkpoint_root']}/{key}",
        fn_args.model_run_dir,
        publish_dir=config["checkpoint_dir"],
        code=config["code_fingerprint"],
    )
    if distribution.chief:
        export(Sampler(hyperparameters, state, clip_shape), fn_args.serving_model_dir)
        _write_summary(state, record, fn_args.model_run_dir)
    distribution.wait_for_all()  # for TFX looks in each process for what the chief writes


def _batches_from(
    source: ClipSource, hyperparameters: HyperParameters, step: int
) -> tf.data.Dataset:
    return source.batches(
        hyperparameters.batch_size,
        shuffle_seed=hyperparameters.seed,
        repeat=True,
        drop_remainder=True,
        first_batch=step,
    )


def _write_summary(state: TrainingState, record: TrainingRecord, run_dir: str) -> None:
    """Writes the figures of a training to `run_dir`."""
    summary = {
        "steps": int(state.step.numpy()),
        "seconds": record.seconds,
        "losses": record.losses,
        "sample_distance": record.sample_distance,
        "verdict": record.verdict,
        "examination": record.examination,
        "rollbacks": int(state.rollbacks.numpy()),
        "clips_per_second": record.clips_per_second,
        "num_categories": state.class_counts.shape[0],
        "parameters": sum(variable.shape.num_elements() for variable in state.generator_variables),
        "clip_shape": list(state.clip_shape),
        "device": device_name(),
    }
    with tf.io.gfile.GFile(f"{run_dir}/{SUMMARY_FILE}", "w") as file:
        json.dump(summary, file, indent=2)
