"""What Beam's runners raise when a job fails, and how it reads in one line."""

from __future__ import annotations

import re

from mocogan.pipeline.runners.run_log import cause

# Prism's words for a worker whose connection broke, and for one that never connected.
_WORKER_LOST = re.compile(r"SDK worker disconnected")
_NOT_STARTED = re.compile(r"Service failed to start up")  # Beam's words for a program that ends
_WORKER_MISSING = re.compile(r"didn't get control connection")


def runner_errors(runner: str) -> tuple[type[Exception], ...]:
    """The exceptions of `beam.runner` for workers that fail, flags that are wrong and connections that break."""
    if runner == "local":
        return RuntimeError, ValueError
    import grpc

    errors: tuple[type[Exception], ...] = (
        RuntimeError,
        ValueError,
        grpc.RpcError,
        grpc.FutureTimeoutError,
    )
    if runner != "dataflow":
        return errors
    from apache_beam.runners.dataflow.dataflow_runner import DataflowRuntimeException
    from apitools.base.py.exceptions import Error as ServiceError
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError

    return *errors, DataflowRuntimeException, ServiceError, GoogleAPIError, GoogleAuthError


def explained(error: BaseException) -> str:
    """The error of a runner in one line."""
    import grpc

    if isinstance(error, grpc.FutureTimeoutError):
        return "the job service does not answer any more. Look at its output"
    if isinstance(error, grpc.RpcError):
        detail = getattr(error, "details", lambda: None)() or str(error)
        return f"the connection to the job service broke ({detail}). Look at its output"
    if _WORKER_LOST.search(str(error)):
        return (
            "a worker ended in the middle of the job. Look at the output of the worker and, for a lack of memory, at "
            "the kernel's log. Then run the same command again"
        )
    if _NOT_STARTED.search(str(error)):
        return f"Beam's job server did not start ({error}). Try `java -jar` with its jar, or Prism's program, by hand"
    if is_worker_missing(error):
        return (
            "no worker has connected to the job service in the time that it waits, 60 s for Prism. Look at the output "
            "of the pool of workers"
        )
    return cause(error)


def is_worker_missing(error: BaseException) -> bool:
    """Whether the job service gave up because no worker connected."""
    return bool(_WORKER_MISSING.search(str(error)))
