"""Sends the events of a run to an OpenLineage server, such as Marquez, during the run.

An event is made from ML Metadata when a node starts and when it ends. A thread of its own sends the events, so a slow
server does not delay the run. If the server cannot be reached, the run prints one warning, and the events are lost.
`mocogan lineage --format openlineage` can make them again.
"""

from __future__ import annotations

import http.client
import json
import logging
import os
import queue
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from mocogan.components.reports.readable_text import visible
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.lineage.openlineage import Event, RunEvents
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.pipeline.runners.run_log import cause

# As in OpenLineage's own clients.
URL_VARIABLE = "OPENLINEAGE_URL"
ENDPOINT_VARIABLE = "OPENLINEAGE_ENDPOINT"
KEY_VARIABLE = "OPENLINEAGE_API_KEY"
_DEFAULT_ENDPOINT = "api/v1/lineage"

_TIMEOUT = 3.0  # seconds, for each event
_LAST_WAIT = 5.0  # seconds, for the events that remain when the run ends

# Log records of TFX's local engine (tfx.orchestration.portable.launcher, tfx.orchestration.local).
_STARTS = "Going to run a new execution %d"
_FROM_CACHE = "A cached execution %d is used."
_NODE_ENDS = "Component %s is finished."


@contextmanager
def sent_events(config: Config) -> Iterator[None]:
    """Sends the events of the pipeline that the block runs, if the configuration or OPENLINEAGE_URL names a server.

    It raises nothing of its own.
    """
    url = config.openlineage_url or os.environ.get(URL_VARIABLE)
    if not url:
        yield
        return
    watcher = _Watcher(config, _Sender(url))
    logging.getLogger().addHandler(watcher)
    try:
        yield
    except BaseException as error:
        watcher.fail(error)
        raise
    finally:
        logging.getLogger().removeHandler(watcher)
        watcher.sender.finish()


class _Sender:
    """Posts events one after the other. Prints one warning at the first failure."""

    def __init__(self, url: str) -> None:
        self._address = f"{url.rstrip('/')}/{os.environ.get(ENDPOINT_VARIABLE, _DEFAULT_ENDPOINT)}"
        self._headers = {"Content-Type": "application/json"}
        if key := os.environ.get(KEY_VARIABLE):
            self._headers["Authorization"] = f"Bearer {key}"
        self._events: queue.Queue[Event | None] = queue.Queue()
        self._warned = False
        self._thread = threading.Thread(target=self._post_all, name="openlineage", daemon=True)
        self._thread.start()

    def send(self, event: Event) -> None:
        """Returns at once."""
        self._events.put(event)

    def finish(self) -> None:
        """Waits a few seconds for the events that are not sent yet."""
        self._events.put(None)
        self._thread.join(_LAST_WAIT)
        if self._thread.is_alive():
            self.warn("it does not answer")

    def warn(self, reason: object) -> None:
        """Prints why events are lost, the first time."""
        if self._warned:
            return
        self._warned = True
        server = urlsplit(self._address).netloc.rpartition("@")[2]  # without a password
        text = visible(" ".join(str(reason).split()) or type(reason).__name__)
        print(f"warning: OpenLineage events are not sent to {server}: {text}", file=sys.stderr)

    def _post_all(self) -> None:
        while (event := self._events.get()) is not None:
            try:
                self._post(event)
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.warn(error)

    def _post(self, event: Event) -> None:
        content = json.dumps(event).encode("ascii")
        request = urllib.request.Request(self._address, content, self._headers, method="POST")
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
            answer.read(1)


class _Watcher(logging.Handler):
    """Makes the events of an execution when TFX logs that it starts, is cached or ends."""

    def __init__(self, config: Config, sender: _Sender) -> None:
        super().__init__(logging.INFO)
        self.sender = sender
        self._config = config
        self._running: int | None = None  # id of the execution

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == _STARTS and isinstance(record.args, tuple):
            self._running = int(str(record.args[0]))
            self._send(self._running, ends=False)
        elif record.msg == _FROM_CACHE and isinstance(record.args, tuple):
            self._send(int(str(record.args[0])), ends=True, starts=True)
        elif record.msg == _NODE_ENDS and self._running is not None:
            self._send(self._running, ends=True)
            self._running = None

    def fail(self, error: BaseException) -> None:
        """Sends the end of the execution that was running when the run failed or was stopped."""
        if self._running is not None:
            aborted = not isinstance(error, Exception)
            self._send(self._running, ends=True, error=cause(error), aborted=aborted)

    def _send(
        self,
        execution_id: int,
        ends: bool,
        starts: bool = False,
        error: str | None = None,
        aborted: bool = False,
    ) -> None:
        try:
            reader = MetadataReader(self._config.store)
            execution = reader.executions([execution_id])[execution_id]
            events = RunEvents(reader, self._config.out)
            if starts or not ends:
                self.sender.send(events.start(execution))
            if ends:
                self.sender.send(events.end(execution, error, aborted))
        except Exception as problem:  # a run must not fail because of its events
            self.sender.warn(problem)
