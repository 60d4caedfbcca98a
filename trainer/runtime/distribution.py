"""The devices that each step is shared out to: one, the GPUs of a machine, or those of many machines.

Each replica holds all variables, computes its rows of the global batch, and makes the same update as all others.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import tensorflow as tf
from tensorflow.python.eager import context

from mocogan.trainer.config import DistributionChoice

_TRAINING_TASKS = ("chief", "worker")
_HEARTBEAT_TIMEOUT = 60  # seconds


class Distribution:
    """One device without a strategy, else the replicas of one. Without one it costs a step nothing."""

    def __init__(self, strategy: tf.distribute.Strategy | None = None) -> None:
        self._strategy = strategy
        self._many_processes = isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)

    @property
    def many_processes(self) -> bool:
        """Whether processes that do not see each other's clocks, files and signals train together."""
        return self._many_processes

    @property
    def replicas(self) -> int:
        """Devices that share a batch, those of other processes included."""
        return int(self._strategy.num_replicas_in_sync) if self._strategy else 1

    @property
    def replica(self) -> int:
        """Inside `run`: the number of the replica that runs, from 0."""
        if not self._strategy:
            return 0
        number = tf.distribute.get_replica_context().replica_id_in_sync_group
        return int(tf.get_static_value(number))

    @property
    def chief(self) -> bool:
        """Whether this process writes what is to be written once."""
        return not self._strategy or bool(self._strategy.extended.should_checkpoint)

    def scope(self) -> AbstractContextManager[Any]:
        """Variables created in it have a copy on each replica."""
        return self._strategy.scope() if self._strategy else contextlib.nullcontext()

    def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Calls `function` on each replica; returns what it gave on the first one of this process.

        There, assigning to a variable changes the replica's own copy: it is for the function to assign the same on all.
        """
        if not self._strategy:
            return function(*arguments)
        results = self._strategy.run(function, args=arguments)
        return tf.nest.map_structure(
            lambda result: self._strategy.experimental_local_results(result)[0], results
        )

    def mean(self, values: Any) -> Any:
        """Inside `run`: tensors in any structure, of one dtype -> their means over the replicas."""
        if not self._strategy:
            return values
        return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.MEAN, values)

    def share_from_chief(self, variables: Sequence[tf.Variable]) -> None:
        """Gives the variables of all processes the values that they have in the chief. All processes must call it."""
        if self._many_processes:
            tf.function(lambda: self.run(self._take_from_first, variables), autograph=False)()

    def wait_for_all(self) -> None:
        """Returns when all processes have called it."""
        if self._many_processes:
            arrived = tf.function(lambda: self.run(self._arrive), autograph=False)()
            arrived.numpy()  # the call itself may return before the others are there

    def _arrive(self) -> tf.Tensor:
        # Made on the replica: a number from outside has no device to be sent from.
        return self.mean(tf.ones([]))

    def _take_from_first(self, variables: Sequence[tf.Variable]) -> None:
        context = tf.distribute.get_replica_context()
        # One dtype at a time: what is sent together is packed into one tensor.
        for dtype in sorted({variable.dtype.name for variable in variables}):
            alike = [variable for variable in variables if variable.dtype.name == dtype]
            sent = [v.read_value() if self.replica == 0 else tf.zeros_like(v) for v in alike]
            received = context.all_reduce(tf.distribute.ReduceOp.SUM, sent)
            for variable, value in zip(alike, received, strict=True):
                variable.assign(value)


def choose_distribution(choice: DistributionChoice) -> Distribution:
    """`auto`: multi_worker when TF_CONFIG names several machines, mirrored when there are several GPUs, else none.

    Raises ValueError when TF_CONFIG does not name what multi_worker needs, RuntimeError when TensorFlow has computed
    before: many machines must be connected first.
    """
    if choice == "multi_worker" or (choice == "auto" and _training_tasks() > 1):
        return _multi_worker()
    if choice == "none" or (choice == "auto" and len(tf.config.list_physical_devices("GPU")) < 2):
        return Distribution()
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    if len(devices) == 1:
        return Distribution()
    return Distribution(tf.distribute.MirroredStrategy([device.name for device in devices]))


def _multi_worker() -> Distribution:
    if not _training_tasks():
        raise ValueError(
            "trainer.run.distribution=multi_worker needs TF_CONFIG with a cluster of chief or worker tasks, got "
            f"{os.environ.get('TF_CONFIG')!r}: start one process per machine with it, or set "
            "trainer.run.distribution to auto"
        )
    # By TensorFlow's own 10 seconds, a machine too busy to answer for that long would end the training of all. The
    # strategy has no argument for it.
    process = context.context()
    process.configure_coordination_service = functools.partial(
        process.configure_coordination_service, heartbeat_timeout_in_ms=1000 * _HEARTBEAT_TIMEOUT
    )
    try:
        return Distribution(tf.distribute.MultiWorkerMirroredStrategy())
    except RuntimeError as error:
        raise RuntimeError(
            f"{error}: TensorFlow has computed in this process before. Train in a process of its own, or set "
            "trainer.run.distribution to none or mirrored"
        ) from error


def _training_tasks() -> int:
    text = os.environ.get("TF_CONFIG") or "{}"
    try:
        cluster = json.loads(text).get("cluster", {})
    except (ValueError, AttributeError) as error:
        raise ValueError(f"TF_CONFIG is no JSON object: {text!r}") from error
    return sum(len(cluster.get(task, [])) for task in _TRAINING_TASKS)
