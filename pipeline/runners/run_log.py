"""The output of a run: one line per node on the terminal, and all log records in a file.

TFX, Beam and TensorFlow log dozens of lines in a successful run. They go to `<out>/runs/<time>/run.log`. The terminal
shows one line per node and the progress bars. When a node fails, it shows the node's name and the cause.
"""

from __future__ import annotations

import datetime
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from absl import logging as absl_logging

from mocogan.pipeline.config.rendering import to_yaml
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.errors import ExpectedError

# Log records of TFX's local engine (tfx.orchestration.local, tfx.orchestration.portable.launcher).
_NODE_STARTS = "Component %s is running."
_NODE_ENDS = "Component %s is finished."
_FROM_CACHE = "A cached execution %d is used."


class RunFailed(ExpectedError):
    """A node failed. The message names the node, the cause and the log."""


class RunLog(logging.Handler):
    """Writes all records to `run.log`, beside the run's `config.yaml`, and prints one line per node.

    The files are created when the first node starts, because `tfx pipeline create` runs no node and must leave no
    files.
    """

    def __init__(self, config: Config, node_count: int) -> None:
        super().__init__(logging.INFO)
        now = datetime.datetime.now()
        self.folder = Path(config.runs_dir, now.strftime("%Y-%m-%dT%H-%M-%S"))
        self.node: str | None = None
        self._config = config
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
        elif record.msg == _FROM_CACHE:
            self._cached = True
        elif record.msg == _NODE_ENDS:
            self._node_ends()
        if self._file:
            self._file.emit(record)

    def close(self) -> None:
        if self._file:
            self._file.close()
        super().close()

    def _node_starts(self, node: str) -> None:
        if self._file is None:
            self._open()
        self.node = node
        self._number += 1
        self._start = time.monotonic()
        self._cached = False

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "config.yaml").write_text(to_yaml(self._config), encoding="utf-8")
        self._file = logging.FileHandler(self.path, encoding="utf-8")
        self._file.setFormatter(
            logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
        )

    def _node_ends(self) -> None:
        seconds = time.monotonic() - self._start
        result = "unchanged, from cache" if self._cached else f"{seconds:.1f} s"
        print(f"[{self._number}/{self._node_count}] {self.node:<16} {result}", flush=True)


@contextmanager
def run_log(config: Config, node_count: int) -> Iterator[RunLog]:
    """Logs the block, which runs a pipeline of `node_count` nodes.

    Raises RunFailed when a node fails.
    """
    log = RunLog(config, node_count)
    root, tensorflow = logging.getLogger(), logging.getLogger("tensorflow")
    before = [(logger, logger.handlers[:], logger.level) for logger in (root, tensorflow)]
    root.handlers[:] = [log]
    tensorflow.handlers[:] = []  # TensorFlow's own handler writes to the terminal
    root.setLevel(logging.INFO)
    verbosity = absl_logging.get_verbosity()
    absl_logging.set_verbosity(absl_logging.INFO)
    try:
        yield log
    except Exception as error:
        if log.node is None:
            raise
        logging.exception("%s failed", log.node)
        raise RunFailed(f"{log.node} failed: {cause(error)}\nfull log: {log.path}") from error
    finally:
        absl_logging.set_verbosity(verbosity)
        for logger, handlers, level in before:
            logger.handlers[:] = handlers
            logger.setLevel(level)
        log.close()


def cause(error: BaseException) -> str:
    """The message of an error in one line, without the step name and the trace that Beam adds."""
    text = str(error).strip() or type(error).__name__
    first, *_ = text.split(" [while running ", 1)
    line = " ".join(first.split("\n\n")[0].split())
    return line if line else type(error).__name__
