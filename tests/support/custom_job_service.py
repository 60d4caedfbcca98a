"""The part of Vertex AI that runs custom jobs: it reads the launcher's arguments, and runs the workers of the job here.

It knows the arguments of the launcher and the published message CustomJob alone. What the message lacks is an error.
"""

from __future__ import annotations

import json
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from google.cloud import aiplatform_v1
from google.protobuf.json_format import ParseDict

LAUNCHER = "google_cloud_pipeline_components.container.v1.custom_job.launcher"
_FLAGS = {"type", "payload", "project", "location", "gcp_resources"}
_PLACEHOLDERS = {
    "{{$.pipeline_google_cloud_project_id}}": "some-project",
    "{{$.pipeline_google_cloud_location}}": "europe-west4",
    "{{$.pipeline_service_account}}": "robot@some-project.iam.gserviceaccount.com",
    "{{$.pipeline_network}}": "",
    "{{$.pipeline_job_name}}": "run-1",
}
_ESCAPED = "{{$.json_escape[1]}}"

# (command, environment, file for its output) -> a started process
Start = Callable[[Sequence[str], Mapping[str, str], IO[str]], "subprocess.Popen[str]"]


class JobFailed(Exception):
    """The launcher cannot start the job, or a worker failed."""


def launch(words: Sequence[str], executor_input: Mapping[str, Any], start: Start) -> str:
    """Does what the launcher does, to the end of the job.

    Args:
        words: The arguments of the launcher, with placeholders.
        executor_input: What the service replaces `{{$}}` by.
        start: Starts the process of a worker.

    Returns:
        What the workers printed.
    """
    flags = launcher_flags(words, executor_input)
    message = custom_job(flags["payload"])
    log = run_workers(message, start)
    resource = {"resourceType": "CustomJob", "resourceUri": "https://localhost/v1/customJobs/1"}
    Path(flags["gcp_resources"]).parent.mkdir(parents=True, exist_ok=True)
    Path(flags["gcp_resources"]).write_text(json.dumps({"resources": [resource]}))
    return log


def launcher_flags(words: Sequence[str], executor_input: Mapping[str, Any]) -> dict[str, str]:
    """The flags of the launcher, after the service has replaced the placeholders."""
    names = [word.removeprefix("--") for word in words[::2]]
    if set(names) != _FLAGS or len(words) != 2 * len(_FLAGS):
        raise JobFailed(f"the launcher takes {sorted(_FLAGS)}, not {names}")
    texts = _PLACEHOLDERS | {
        f"{{{{$.outputs.parameters['{name}'].output_file}}}}": value["outputFile"]
        for name, value in executor_input["outputs"].get("parameters", {}).items()
    }
    flags = {}
    for name, value in zip(names, words[1::2], strict=True):
        for placeholder, text in texts.items():
            value = value.replace(placeholder, text)
        if "{{" in value.replace(_ESCAPED, ""):
            raise JobFailed(f"nothing replaces the placeholder in --{name}={value}")
        # Quotes and backslashes of the text are escaped, because it becomes part of a text in JSON.
        flags[name] = value.replace(_ESCAPED, json.dumps(json.dumps(executor_input))[1:-1])
    return flags


def custom_job(payload: str) -> Any:
    """The message CustomJob in a payload. Empty values are left out first, as the launcher does it."""
    content = _without_empty(json.loads(payload))
    return ParseDict(content, aiplatform_v1.CustomJob.pb()())


def run_workers(job: Any, start: Start) -> str:
    """Runs all workers at once, with TF_CONFIG as Vertex AI sets it, until the chief ends."""
    pools = job.job_spec.worker_pool_specs
    if pools[0].replica_count != 1 or len(pools) > 2:
        raise JobFailed(f"the first pool is the chief alone, not {pools[0].replica_count} machines")
    cluster = {
        kind: [f"127.0.0.1:{port}" for port in _free_ports(pool.replica_count)]
        for kind, pool in zip(("chief", "worker"), pools, strict=False)
    }
    workers = [
        (kind, index, pool.container_spec)
        for kind, pool in zip(cluster, pools, strict=True)
        for index in range(pool.replica_count)
    ]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        processes = []
        for kind, index, container in workers:
            config = {
                "cluster": cluster,
                "environment": "cloud",
                "task": {"type": kind, "index": index},
            }
            environment = {item.name: item.value for item in container.env}
            environment["TF_CONFIG"] = json.dumps(config)
            processes.append(start([*container.command, *container.args], environment, log))
        statuses = _wait(processes)
        log.seek(0)
        text = log.read()
    if any(statuses):
        raise JobFailed(f"the workers ended with {statuses}: {text[-4000:]}")
    return text


def _wait(processes: Sequence[subprocess.Popen[str]]) -> list[int]:
    """Waits for all workers. If one of them fails, the others are stopped."""
    try:
        while any(p.poll() is None for p in processes) and not any(p.poll() for p in processes):
            time.sleep(0.1)
    finally:
        for process in processes:
            process.kill()
    return [process.wait() for process in processes]


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _without_empty(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner not in ("", {}, [], None)}
    if isinstance(value, list):
        return [_without_empty(inner) for inner in value]
    return value
