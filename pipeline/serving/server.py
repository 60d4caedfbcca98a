"""The server: it listens, answers, follows new versions, and stops cleanly."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import grpc
import uvicorn

from mocogan.components.reports.readable_text import visible
from mocogan.data.verbosity import is_quiet
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.serving.app import make_app
from mocogan.pipeline.serving.limits import Limits
from mocogan.pipeline.serving.model.call_queue import CallQueue
from mocogan.pipeline.serving.model.model_source import ModelSource, find_source
from mocogan.pipeline.serving.model.served_version import CannotServe
from mocogan.pipeline.serving.model.versions import Versions, log_to_stderr
from mocogan.pipeline.serving.ports import listen
from mocogan.pipeline.serving.server_metrics import ServerMetrics
from mocogan.pipeline.serving.tf_serving.rpc import add_services, open_grpc_server

_GRACE_SECONDS = 5  # for answers, beyond the limit of a request
_IDLE_SECONDS = 30  # until a connection without requests is closed


class ServerFailed(ExpectedError):
    """The server cannot start. The message says why."""


@dataclass(frozen=True)
class ServeOptions:
    """How to serve.

    Attributes:
        host: Address to listen at.
        port: Port of HTTP. 0: any free one.
        grpc_port: Port of gRPC. 0: any free one. None: no gRPC.
        name: Name of the model in addresses.
        origins: Other origins whose pages may ask.
        limits: Limits of requests.
        poll_seconds: Time between two looks for a new version.
    """

    host: str = "127.0.0.1"
    port: int = 8501
    grpc_port: int | None = 8500
    name: str = "mocogan"
    origins: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    poll_seconds: float = 1.0


class Server:
    """Listens from its creation on, and answers from `start` on.

    Attributes:
        port: Port of HTTP.
        grpc_port: Port of gRPC, or None.
        versions: The model.
        metrics: What is counted.
    """

    def __init__(
        self,
        options: ServeOptions,
        find: Callable[[], ModelSource],
        log: Callable[[str], None] = log_to_stderr,
    ) -> None:
        """Opens the ports first, because a port in use is found in a moment, and then loads the model.

        Args:
            options: How to serve.
            find: Finds the model.
            log: Gets a line for each event.

        Raises:
            PortInUse: A port is in use or not allowed.
            CannotServe: The model cannot be loaded.
            ModelRefused: There is no model.
        """
        self._options = options
        self._log = log
        self._socket = listen(options.host, options.port, "--port")
        self._grpc: grpc.Server | None = None
        try:
            self.port: int = self._socket.getsockname()[1]
            self.grpc_port: int | None = None
            if options.grpc_port is not None:
                self._grpc, self.grpc_port = open_grpc_server(
                    options.host, options.grpc_port, options.limits
                )
            self.metrics = ServerMetrics()
            self.source = find()
            self.versions = Versions(self.source, self.metrics)
        except BaseException:
            self._close_ports()
            raise
        self._queue = CallQueue(options.limits, self.metrics)
        self._is_ready = True
        self._http = self._make_http()
        self._thread = threading.Thread(target=self._serve_http, name="http", daemon=True)

    @property
    def url(self) -> str:
        """The address of the page."""
        host = f"[{self._options.host}]" if ":" in self._options.host else self._options.host
        return f"http://{host}:{self.port}"

    @property
    def is_alive(self) -> bool:
        """Whether HTTP requests are answered."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Answers requests, in threads. Call `stop` to end them."""
        if self._grpc is not None:
            name, limits = self._options.name, self._options.limits
            add_services(self._grpc, name, self.versions, self._queue, limits, self.metrics)
            self._grpc.start()
        self._thread.start()
        while not self._http.started and self._thread.is_alive():
            time.sleep(0.01)
        if self.source.versions is not None:
            self.versions.start(self._options.poll_seconds, self._log)

    def stop(self) -> None:
        """Takes no new requests, answers those that it has, and closes the ports."""
        self._is_ready = False
        self._http.should_exit = True
        stopped = self._grpc.stop(self._options.limits.seconds) if self._grpc else None
        self._thread.join()
        if stopped is not None:
            stopped.wait()
        self._queue.close()
        self.versions.stop()
        self._socket.close()

    def _make_http(self) -> uvicorn.Server:
        options = self._options
        app = make_app(
            options.name,
            options.host,
            options.origins,
            self.versions,
            self._queue,
            options.limits,
            self.metrics,
            lambda: self._is_ready and self._queue.is_alive,
        )
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",  # not a line for each client that sends rubbish
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=int(options.limits.seconds) + _GRACE_SECONDS,
        )
        return uvicorn.Server(config)

    def _serve_http(self) -> None:
        self._http.run(sockets=[self._socket])

    def _close_ports(self) -> None:
        self._socket.close()
        if self._grpc is not None:
            self._grpc.stop(None)


def run_serve(
    model: str | None, options: ServeOptions, *, force: bool = False, as_json: bool = False
) -> int:
    """Serves a model until SIGTERM or Ctrl-C.

    Args:
        model: See `choose_model`.
        options: How to serve.
        force: See `choose_model`.
        as_json: Whether the first line is JSON.

    Returns:
        The exit status: 0 after a clean stop, 1 if the server ended by itself.

    Raises:
        ServerFailed: There is no model, or it cannot be loaded.
        PortInUse: A port is in use or not allowed.
    """
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        server = Server(options, lambda: find_source(model, force))
    except CannotServe as error:
        raise ServerFailed(str(error)) from error
    server.start()
    print(_first_line(server, options.name, as_json), flush=True)
    while not ended.wait(1.0):
        if not server.is_alive:
            log_to_stderr("the HTTP server has ended by itself")
            return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)  # the next one ends the process at once
    if not is_quiet():
        log_to_stderr("stopping")
    server.stop()
    return 0


def _first_line(server: Server, name: str, as_json: bool) -> str:
    version = server.versions.get(name)
    if server.source.note and not is_quiet():
        log_to_stderr(f"note: {visible(server.source.note)}")
    if as_json:
        return json.dumps(
            {
                "url": server.url,
                "grpc_port": server.grpc_port,
                "model": version.model.path,
                "version": version.number,
            }
        )
    grpc_words = f", gRPC at port {server.grpc_port}" if server.grpc_port else ""
    return f"{name} version {version.number} at {server.url}{grpc_words}. Stop with Ctrl-C"
