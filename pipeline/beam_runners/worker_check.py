"""A small job before the real one: whether workers come up, fit this environment, and see the folders."""

from __future__ import annotations

import functools
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import apache_beam as beam

from mocogan.components.reports.readable_text import visible
from mocogan.data.address import is_remote
from mocogan.data.verbosity import is_quiet
from mocogan.pipeline.beam_runners.errors import explained, is_worker_missing, runner_errors
from mocogan.pipeline.beam_runners.worker_side import Expected, look, message_in, versions
from mocogan.pipeline.config.beam import BeamConfig
from mocogan.pipeline.config.settings import Config

NOTICE_SECONDS = 120.0  # without a worker
_SECONDS_BETWEEN_LOOKS = 0.2
_CHECKS = 16  # elements of the job, so that several workers look
_NAMES = 8  # entries of the data folder to look for
_NO_MODULE = re.compile(r"No module named '?(mocogan|apache_beam|av|isal)")


class WorkersUnfit(Exception):
    """No worker comes up, or the workers cannot do the job. The message says what to do."""


def check_workers(config: Config, notice_seconds: float = NOTICE_SECONDS) -> None:
    """Runs a job that does no more than look at the workers.

    Args:
        config: The options `beam`, `beam_args`, `data` and `out` are used.
        notice_seconds: Time without a worker after which a line says where to look.

    Raises:
        WorkersUnfit: No worker came up within `beam.max_wait_minutes`, the job failed, or a worker has other versions
            or does not see the folders.
    """
    with _mark(config.out) as mark:
        expected = Expected(versions(), config.data, _names(config.data), mark)
        make_pipeline = functools.partial(_pipeline, config.runner_flags, expected)
        error = _run(make_pipeline, config.beam, notice_seconds)
    if error is not None:
        raise WorkersUnfit(visible(_explained(error, config.beam))) from error


def _pipeline(flags: list[str], expected: Expected) -> beam.Pipeline:
    pipeline = beam.Pipeline(argv=flags)
    _ = (
        pipeline
        | "Checks" >> beam.Create(range(_CHECKS))
        | "SpreadChecks" >> beam.Reshuffle()
        | "LookAtWorkers" >> beam.Map(functools.partial(look, expected=expected))
    )
    return pipeline


class _Wait(threading.Thread):
    """Waits for a job. Some of Beam's runners have no wait that ends after a time."""

    def __init__(self, result: Any) -> None:
        super().__init__(daemon=True)
        self._result = result
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self._result.wait_until_finish()
        except Exception as error:  # passed on to the main thread
            self.error = error

    def cancel(self) -> None:
        with suppress(Exception):  # the job is given up in any case
            self._result.cancel()


def _run(
    make_pipeline: Callable[[], beam.Pipeline], beam_config: BeamConfig, notice_seconds: float
) -> Exception | None:
    """Returns the error of the job. Raises WorkersUnfit when no worker starts."""
    start = time.monotonic()
    limit = 60 * beam_config.max_wait_minutes
    noticed = False
    while True:
        try:
            job = _Wait(make_pipeline().run())  # in the main thread: Beam sets a signal handler
        except runner_errors(beam_config.runner) as error:
            return error
        try:
            job.start()
            while (waited := time.monotonic() - start) < limit and job.is_alive():
                if waited >= notice_seconds and not noticed:
                    noticed = True
                    _notify(beam_config, notice_seconds)
                job.join(_SECONDS_BETWEEN_LOOKS)
        finally:
            if job.is_alive():
                job.cancel()
        gave_up = job.error is not None and is_worker_missing(job.error)  # as Prism does after 60 s
        if not gave_up and not job.is_alive():
            return job.error
        if time.monotonic() - start >= limit:
            raise WorkersUnfit(
                f"no worker has started within beam.max_wait_minutes={beam_config.max_wait_minutes:g}. "
                f"{_where_to_look(beam_config)}"
            )


def _notify(beam_config: BeamConfig, seconds: float) -> None:
    if not is_quiet():
        print(
            f"  no worker has started in {seconds:g} s. {_where_to_look(beam_config)}. It is waited for until "
            f"beam.max_wait_minutes={beam_config.max_wait_minutes:g} are over",
            file=sys.stderr,
            flush=True,
        )


def _where_to_look(beam_config: BeamConfig) -> str:
    if beam_config.runner == "flink" and beam_config.flink.master:
        page = f"http://{beam_config.flink.master} shows free task slots and exceptions of the job"
    elif beam_config.runner == "spark" and beam_config.spark.master:
        host = beam_config.spark.master.removeprefix("spark://").rpartition(":")[0]
        page = f"The page of the master, http://{host}:8080 by default, shows workers and jobs"
    else:
        page = "Look at the output of the job service"
    if beam_config.worker_pool:
        return (
            f"{page}. Look at the output of the pool at {beam_config.worker_pool} too: it starts `python` of its PATH, "
            "which must have this project"
        )
    return f"{page}. Loading the image can take minutes"


def _explained(error: Exception, beam_config: BeamConfig) -> str:
    text = str(error)
    if message := message_in(text):
        return message
    if module := _NO_MODULE.search(text):
        pool = beam_config.worker_pool
        workers = f"at beam.worker_pool={pool}" if pool else "in the image"
        return f"the workers {workers} cannot import {module[1]}. Install this project there, in the same version"
    return f"the job that looks at the workers failed: {explained(error)}"


def _names(folder: str) -> list[str]:
    if is_remote(folder) or not os.path.isdir(folder):  # the listing reports a missing folder
        return []
    return sorted(os.listdir(folder))[:_NAMES]


@contextmanager
def _mark(out: str) -> Iterator[str | None]:
    """A file in the output folder, if that is a local one."""
    if is_remote(out):
        yield None
        return
    os.makedirs(out, exist_ok=True)
    with tempfile.NamedTemporaryFile(prefix="worker-check-", dir=out) as file:
        yield file.name
