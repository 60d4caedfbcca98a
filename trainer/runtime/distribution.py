"""The devices that share each step: one device, the GPUs of one machine, or the GPUs of several machines.

Each replica stores all variables and computes its rows of the global batch. Then all replicas apply the same update,
so their variables stay equal.
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
    """The replicas of a strategy, or one device without a strategy. One device adds no overhead to a step."""

    def __init__(self, strategy: tf.distribute.Strategy | None = None) -> None:
        self._strategy = strategy
        self._many_processes = isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)

    @property
    def many_processes(self) -> bool:
        """Whether several processes train together. They do not share clocks, files or signals."""
        return self._many_processes

    @property
    def replicas(self) -> int:
        """Number of devices that share a batch, including those of other processes."""
        return int(self._strategy.num_replicas_in_sync) if self._strategy else 1

    @property
    def replica(self) -> int:
        """Inside `run`: number of the current replica, from 0."""
        if not self._strategy:
            return 0
        number = tf.distribute.get_replica_context().replica_id_in_sync_group
        return int(tf.get_static_value(number))

    @functools.cached_property
    def processes(self) -> int:
        """Number of processes that train together. Each has the same number of replicas."""
        return self.replicas // self._replicas_here if self._many_processes else 1

    @functools.cached_property
    def process(self) -> int:
        """Number of this process among them, from 0. Its replicas have consecutive numbers."""
        if not self._many_processes:
            return 0
        first = self.run(lambda: tf.constant(self.replica))
        return int(first) // self._replicas_here

    @property
    def _replicas_here(self) -> int:
        assert self._strategy is not None
        return len(self._strategy.extended.worker_devices)

    @property
    def chief(self) -> bool:
        """Whether this process writes the files that only one process may write."""
        return not self._strategy or bool(self._strategy.extended.should_checkpoint)

    def scope(self) -> AbstractContextManager[Any]:
        """Variables created in this scope have a copy on each replica."""
        return self._strategy.scope() if self._strategy else contextlib.nullcontext()

    def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Calls `function` on each replica and returns the result of the first replica of this process.

        Inside `function`, an assignment to a variable changes only the copy of that replica. So `function` must assign
        the same value on all replicas.
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

    def gather(self, rows: tf.Tensor) -> tf.Tensor:
        """Inside `run`: rows of each replica, the same number [N, ...] -> the rows of all, in the replicas' order."""
        if not self._strategy:
            return rows
        gathered = tf.distribute.get_replica_context().all_gather(rows, axis=0)
        # TensorFlow knows only the rank of rows from several processes.
        return tf.ensure_shape(gathered, [None, *rows.shape[1:]])

    def share_from_chief(self, variables: Sequence[tf.Variable]) -> None:
        """Copies the chief's values of the variables to all processes. All processes must call it."""
        if self._many_processes:
            tf.function(lambda: self.run(self._take_from_first, variables), autograph=False)()

    def wait_for_all(self) -> None:
        """Blocks until all processes have called it."""
        if self._many_processes:
            arrived = tf.function(lambda: self.run(self._arrive), autograph=False)()
            arrived.numpy()  # the call itself can return before the other processes arrive

    def _arrive(self) -> tf.Tensor:
        # Created on the replica, because a value from outside has no device to send it from.
        return self.mean(tf.ones([]))

    def _take_from_first(self, variables: Sequence[tf.Variable]) -> None:
        context = tf.distribute.get_replica_context()
        # One dtype at a time, because all_reduce packs its inputs into one tensor.
        for dtype in sorted({variable.dtype.name for variable in variables}):
            alike = [variable for variable in variables if variable.dtype.name == dtype]
            sent = [v.read_value() if self.replica == 0 else tf.zeros_like(v) for v in alike]
            received = context.all_reduce(tf.distribute.ReduceOp.SUM, sent)
            for variable, value in zip(alike, received, strict=True):
                variable.assign(value)


def choose_distribution(choice: DistributionChoice) -> Distribution:
    """The devices for the option `trainer.run.distribution`.

    `auto` means multi_worker if TF_CONFIG names several machines, mirrored if there are several GPUs, else none.
    Raises ValueError if multi_worker finds no tasks in TF_CONFIG, or if TF_CONFIG is not a JSON object.
    Raises RuntimeError if TensorFlow was used before: machines must be connected before the first computation.
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
            f"{os.environ.get('TF_CONFIG')!r}: set TF_CONFIG in one process per machine, or set "
            "trainer.run.distribution=auto"
        )
    # TensorFlow's default timeout is 10 seconds. A machine that is busy for so long would end the training on all
    # machines. The strategy has no argument for the timeout.
    process = context.context()
    process.configure_coordination_service = functools.partial(
        process.configure_coordination_service, heartbeat_timeout_in_ms=1000 * _HEARTBEAT_TIMEOUT
    )
    try:
        return Distribution(tf.distribute.MultiWorkerMirroredStrategy())
    except RuntimeError as error:
        raise RuntimeError(
            "training on several machines must start before any other TensorFlow computation in the process "
            f"({error}): train in a new process, or set trainer.run.distribution to none or mirrored"
        ) from error


def _training_tasks() -> int:
    text = os.environ.get("TF_CONFIG") or "{}"
    try:
        cluster = json.loads(text).get("cluster", {})
    except (ValueError, AttributeError) as error:
        raise ValueError(f"TF_CONFIG is not a JSON object: {text!r}") from error
    return sum(len(cluster.get(task, [])) for task in _TRAINING_TASKS)
