"""Whether the services that a Beam runner needs answer: the engine's master, the job service, the pool of workers."""

from __future__ import annotations

import http.client
import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from mocogan.pipeline.beam_runners.options import GUIDE
from mocogan.pipeline.config.beam import BeamConfig, FlinkConfig

_SECONDS = 10.0  # to wait for an answer
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def service_problems(beam: BeamConfig) -> Iterator[str]:
    """What does not answer, or answers as another program or version, a line for each problem."""
    if beam.runner == "local":
        return
    if beam.runner == "dataflow":
        yield from _dataflow_problems(beam)
        return
    if beam.job_endpoint:
        yield from _job_service_problems(beam.job_endpoint)
    if beam.runner == "flink" and beam.flink.master:
        yield from _flink_problems(beam.flink)
    if beam.runner == "spark" and beam.spark.master:
        yield from _spark_problems(beam.spark.master)
    if beam.worker_pool and _is_reached_from_here(beam):
        yield from _pool_problems(beam.worker_pool)


def _pool_problems(pool: str) -> Iterator[str]:
    if refusal := _refusal(pool):
        yield (
            f"no pool of workers answers at beam.worker_pool={pool} ({refusal}). Start it: "
            f"python -m apache_beam.runners.worker.worker_pool_main --service_port={_host_and_port(pool)[1]}"
        )


def _is_reached_from_here(beam: BeamConfig) -> bool:
    """Whether this machine reaches the pool as the engine does. `localhost` is another machine for each engine."""
    if _host(beam.worker_pool) not in _LOOPBACK:
        return True
    engine = {"flink": beam.flink.master, "spark": beam.spark.master}.get(beam.runner)
    reached = engine or beam.job_endpoint
    return reached is None or _host(reached) in _LOOPBACK


def _job_service_problems(endpoint: str) -> Iterator[str]:
    if refusal := _refusal(endpoint):
        yield (
            f"no job service answers at beam.job_endpoint={endpoint} ({refusal}). Start it, or leave the option out "
            f"({GUIDE})"
        )
        return
    import grpc  # with Beam's requests it takes a second to import
    from apache_beam.portability.api import beam_job_api_pb2, beam_job_api_pb2_grpc

    with grpc.insecure_channel(endpoint) as channel:
        service = beam_job_api_pb2_grpc.JobServiceStub(channel)
        try:  # Beam's client begins with the same request
            request = beam_job_api_pb2.DescribePipelineOptionsRequest()
            service.DescribePipelineOptions(request, timeout=_SECONDS)
        except grpc.RpcError as error:
            yield (
                f"the program at beam.job_endpoint={endpoint} is not a Beam job service ({error.code().name}). "
                "Prism listens on the port of -job_port, Flink's job server on that of --job-port"
            )


def _flink_problems(flink: FlinkConfig) -> Iterator[str]:
    master = f"beam.flink.master={flink.master}"
    try:
        overview = _json(f"http://{flink.master}/overview")
        version, slots = str(overview["flink-version"]), int(overview["slots-total"])
    except OSError as error:
        yield f"no JobManager answers at {master} ({_reason(error)}). Start the cluster, or correct the address"
        return
    except (KeyError, TypeError, ValueError, http.client.HTTPException):
        yield f"the program at {master} is not the REST API of Flink. Its port is 8081 unless rest.port is set"
        return
    if version != flink.version and not version.startswith(f"{flink.version}."):
        yield f"{master} runs Flink {version}, and beam.flink.version={flink.version}. Set it to that of the cluster"
    if slots == 0:
        yield f"{master} has no TaskManager. Start one; http://{flink.master}/#/task-manager lists them"
    elif flink.parallelism and flink.parallelism > slots:
        yield (
            f"beam.flink.parallelism={flink.parallelism} is more than the {slots} task slots of {master}. "
            "Lower it, or add TaskManagers"
        )


def _spark_problems(master: str) -> Iterator[str]:
    if refusal := _refusal(urlsplit(master).netloc):
        yield f"no master answers at beam.spark.master={master} ({refusal}). Start it, or correct the address"


def _dataflow_problems(beam: BeamConfig) -> Iterator[str]:
    endpoint = beam.dataflow.endpoint
    if endpoint is None:
        from google.auth import default, exceptions

        try:
            default()
        except exceptions.DefaultCredentialsError:
            yield (
                "Google's credentials are not found. Run `gcloud auth application-default login`, or set "
                "GOOGLE_APPLICATION_CREDENTIALS to the file of a service account"
            )
        return
    address = urlsplit(endpoint)
    port = address.port or (443 if address.scheme == "https" else 80)
    if refusal := _refusal(f"{address.hostname}:{port}"):
        yield f"no service answers at beam.dataflow.endpoint={endpoint} ({refusal}). Correct it or leave it out"


def _json(url: str) -> dict[str, Any]:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # as Beam connects
    with direct.open(url, timeout=_SECONDS) as response:
        content = json.load(response)
    if not isinstance(content, dict):
        raise ValueError(url)
    return content


def _refusal(address: str) -> str | None:
    """Why no connection to HOST:PORT can be opened, or None."""
    host, port = _host_and_port(address)
    try:
        with socket.create_connection((host, port), _SECONDS):
            return None
    except (OSError, OverflowError) as error:
        return _reason(error)


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, Exception):
        error = error.reason
    if isinstance(error, TimeoutError):
        return f"no answer within {_SECONDS:.0f} s"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _host(address: str | None) -> str:
    return (address or "").rpartition(":")[0]


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)
