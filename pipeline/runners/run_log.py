"""The output of a run: one line per node on the terminal, and all log records in a file.

TFX, Beam and TensorFlow log dozens of lines in a successful run. They go to `<out>/runs/<time>/run.log`. The terminal
shows one line per node and the progress bars, nothing if quiet, and the log too if verbose. When a node fails, it
shows the node's name and the cause. ML Metadata keeps the cause with the failed execution. `<out>/runs/<time>/run.json`
says which process the run is, and how it ended.
"""

from __future__ import annotations

import datetime
import itertools
import logging
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from absl import logging as absl_logging

from mocogan.data.verbosity import is_quiet, is_verbose
from mocogan.pipeline.config.rendering import to_yaml
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.output_folder import OutNotWritable
from mocogan.pipeline.outputs.written_files import record_files
from mocogan.pipeline.runners.full_disk import full_disk
from mocogan.pipeline.runners.run_lock import RunLock
from mocogan.pipeline.runners.run_process import (
    DONE,
    FAILED,
    RunProcess,
    this_process,
    write_run_process,
)

# Log records of TFX's local engine (tfx.orchestration.local, tfx.orchestration.portable.launcher).
_NODE_STARTS = "Component %s is running."
_NODE_LAUNCHES = "Running launcher for %s"
_NODE_ENDS = "Component %s is finished."
_FROM_CACHE = "A cached execution %d is used."
_OF_TENSORFLOW = re.compile(r"^\{\{function_node [^}]*\}\} | \[Op:\w+\]( name: \S*)?$")
_RETRY = "run the same command again"
_PUBLISHES = "Publishing output artifacts %s for execution %s"

_LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class RunFailed(ExpectedError):
    """A node failed. The message names the node, the cause and the log."""


class StoppedBySignal(BaseException):
    """The process received SIGTERM. Like KeyboardInterrupt, it is no Exception, so that libraries do not catch it."""


class _LogFile(logging.FileHandler):
    """A file that ends with a warning, not with a trace for each record, when the disk is full."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8")
        self.setFormatter(logging.Formatter(_LOG_FORMAT))
        self._warned = False

    def handleError(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._warned:
            self._warned = True
            print(f"warning: cannot write {self.baseFilename}: {error.strerror}", file=sys.stderr)

    def close(self) -> None:
        with suppress(OSError):  # it was not written before either
            super().close()


class RunLog(logging.Handler):
    """Writes all records to `run.log`, beside the run's `config.yaml`, and prints one line per node.

    The files are created when the first node starts, because `tfx pipeline create` runs no node and must leave no
    files. The lock of the pipeline is taken then, too.
    """

    def __init__(self, config: Config, node_count: int) -> None:
        super().__init__(logging.INFO)
        now = datetime.datetime.now()
        self.folder = Path(config.runs_dir, now.strftime("%Y-%m-%dT%H-%M-%S"))
        self.node: str | None = None
        self.pipeline_run: str | None = None  # id of the run in ML Metadata
        self._config = config
        self._lock = RunLock(config.out, config.pipeline_name)
        self._held = ExitStack()  # the lock in the store
        self._process: RunProcess | None = None
        self._node_count = node_count
        self._number = 0
        self._start = 0.0
        self._cached = False
        self._file: logging.FileHandler | None = None

    @property
    def path(self) -> Path:
        """The log file."""
        return self.folder / "run.log"

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == _NODE_STARTS and isinstance(record.args, tuple):
            self._node_starts(str(record.args[0]))
        elif record.msg == _NODE_LAUNCHES and isinstance(record.args, tuple):
            self._node_launches(record.args[0])
        elif record.msg == _FROM_CACHE:
            self._cached = True
        elif record.msg == _PUBLISHES and isinstance(record.args, tuple):
            self._node_publishes(*record.args)
        elif record.msg == _NODE_ENDS:
            self._node_ends()
        if self._file:
            self._file.emit(record)

    def close(self) -> None:
        if self._file:
            self._file.close()
        self._held.close()
        self._lock.release()
        super().close()

    def ends(self, error: str | None = None) -> None:
        """Records how the run ended: `error` is the cause of its failure in one line, or None."""
        if self._process is None:
            return
        self._describe(
            state=FAILED if error else DONE,
            ended=time.time(),
            node=self.node if error else None,
            error=error,
        )
        if error:
            self._record_failure(error)

    def _node_starts(self, node: str) -> None:
        if self._file is None:
            self._open()
        self.node = node
        self._number += 1
        self._start = time.monotonic()
        self._cached = False

    def _node_launches(self, pipeline_node: Any) -> None:
        """Learns the id of the run, which TFX makes when it starts, from the first node that it launches."""
        if self.pipeline_run is None:
            self.pipeline_run = _pipeline_run(pipeline_node)
            self._describe(pipeline_run=self.pipeline_run)

    def _node_publishes(self, outputs: Any, execution: Any) -> None:
        """Records which files the node wrote, for the cache of later runs."""
        folders = {key: [artifact.uri for artifact in found] for key, found in outputs.items()}
        try:
            record_files(folders, int(execution))
        except OSError as error:  # then only the most important files are checked
            logging.warning("cannot record the output files: %s", error)

    def _open(self) -> None:
        from mocogan.pipeline.outputs.before_run import prepare_outputs  # loads ML Metadata
        from mocogan.trainer.runtime.device import device_line  # loads TensorFlow

        self._lock.acquire()
        self._held.enter_context(self._config.store.locked(self._config.pipeline_name))
        self._config.store.claim()
        try:
            self.folder = _new_folder(self.folder)
            self._process = this_process(self._config.pipeline_name, self._config.run_name)
            (self.folder / "config.yaml").write_text(to_yaml(self._config), encoding="utf-8")
            self._file = _LogFile(self.path)
        except OSError as error:
            reason = full_disk(error, [self._config.out]) or error.strerror
            raise OutNotWritable(
                f"cannot write {error.filename or self.folder}: {reason}"
            ) from None
        self._describe()
        if not is_quiet():
            print(device_line(), flush=True)
        for line in prepare_outputs(self._config):
            if not is_quiet():
                print(line, flush=True)

    def _node_ends(self) -> None:
        seconds = time.monotonic() - self._start
        result = "unchanged, from cache" if self._cached else f"{seconds:.1f} s"
        if not is_quiet():
            number = f"{self._number:{len(str(self._node_count))}}"
            print(f"[{number}/{self._node_count}] {self.node:<16} {result}", flush=True)

    def _describe(self, **changes: Any) -> None:
        if self._process is None:
            return
        self._process = self._process._replace(**changes)
        try:
            write_run_process(self.folder, self._process)
        except OSError as error:  # such as a full disk, which must not hide how the run ended
            logging.warning("cannot write the state of the run: %s", error)

    def _record_failure(self, error: str) -> None:
        import ml_metadata as mlmd

        from mocogan.pipeline.metadata.writer import record_failure

        if self.pipeline_run is None:
            return
        try:
            record_failure(self._config.store, self.pipeline_run, error)
        except (mlmd.errors.StatusError, ExpectedError) as unwritten:  # such as a full disk
            logging.warning("cannot record the failure in ML Metadata: %s", unwritten)


@contextmanager
def run_log(config: Config, node_count: int) -> Iterator[RunLog]:
    """Logs the block, which runs a pipeline of `node_count` nodes.

    Raises RunFailed when a node fails.
    """
    log = RunLog(config, node_count)
    root, tensorflow = logging.getLogger(), logging.getLogger("tensorflow")
    before = [(logger, logger.handlers[:], logger.level) for logger in (root, tensorflow)]
    root.handlers[:] = [log, *([_terminal_log()] if is_verbose() else [])]
    tensorflow.handlers[:] = []  # TensorFlow's own handler writes to the terminal
    root.setLevel(logging.INFO)
    verbosity = absl_logging.get_verbosity()
    absl_logging.set_verbosity(absl_logging.INFO)
    try:
        with _sigterm_stops():
            yield log
        log.ends()
    except KeyboardInterrupt:
        log.ends("interrupted")
        raise
    except (Exception, StoppedBySignal) as error:
        if log.node is None:
            if isinstance(error, StoppedBySignal):
                raise RunFailed(cause(error)) from None
            raise
        logging.exception("%s failed", log.node)
        reason = _reason(error, config)
        log.ends(reason)
        raise RunFailed(f"{log.node} failed: {reason}\nfull log: {log.path}") from error
    finally:
        absl_logging.set_verbosity(verbosity)
        for logger, handlers, level in before:
            logger.handlers[:] = handlers
            logger.setLevel(level)
        log.close()


def _terminal_log() -> logging.Handler:
    """Prints all records on standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(_LOG_FORMAT))
    return handler


@contextmanager
def _sigterm_stops() -> Iterator[None]:
    """Raises StoppedBySignal on SIGTERM until the block ends. The training has its own handler meanwhile."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        # None: the handler was not set from Python, so Python cannot restore it.
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)


def _stop(number: int, frame: FrameType | None) -> None:
    raise StoppedBySignal(f"stopped by {signal.Signals(number).name}. Run the same command again")


def _new_folder(wanted: Path) -> Path:
    """Creates a folder with this name, or with a number behind it if another pipeline's run has it."""
    for number in itertools.count(1):
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            continue
    raise AssertionError("unreachable")


def _pipeline_run(pipeline_node: Any) -> str | None:
    """The id of the run, from TFX's description of a node."""
    for context in pipeline_node.contexts.contexts:
        if context.type.name == "pipeline_run":
            return str(context.name.field_value.string_value)
    return None


def _reason(error: BaseException, config: Config) -> str:
    """The cause of an error in one line, after the name of the disk if that is full."""
    disk = full_disk(error, [config.out])
    if disk is None:
        return _store_problem(error, config) or cause(error)
    advice = "" if _RETRY in cause(error) else f". Free some disk space, then {_RETRY}"
    return f"{disk}: {cause(error)}{advice}"


def _store_problem(error: BaseException, config: Config) -> str | None:
    """What is wrong with the store if ML Metadata raised the error. None: nothing that can be found out."""
    import ml_metadata as mlmd

    problem = config.store.problem() if isinstance(error, mlmd.errors.StatusError) else None
    return problem[0] if problem else None


def cause(error: BaseException) -> str:
    """The message of an error in one line, without the names of steps and operations that Beam and TensorFlow add."""
    text = _OF_TENSORFLOW.sub("", str(error)).strip() or type(error).__name__
    first, *_ = text.split(" [while running ", 1)
    line = " ".join(first.split("\n\n")[0].split())
    return line if line else type(error).__name__
