"""Runs a compiled pipeline on this machine as a service does. It knows the file of the specification alone.

Each task runs in a process of its own, with another working directory, an environment of its own, and the project at
another path. A missing input, an unknown parameter and a placeholder that nothing replaces are errors.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import yaml

from tests.support import custom_job_service
from tests.support.spec_tasks import (
    SpecError,
    TaskRun,
    cache_key,
    check_type,
    parameter,
    upstream,
)

_ROOT = Path(__file__).parents[2]
_PACKAGES = ("components", "data", "evaluation", "pipeline", "trainer", "src")
_JOB_NAME = "{{$.pipeline_job_name}}"
_EXECUTOR_INPUT = "{{$}}"


def copy_of_project(folder: Path) -> Path:
    """Copies the packages of the project, compiled as an image has them. Returns the folder to import them from."""
    for name in _PACKAGES:
        shutil.copytree(_ROOT / name, folder / name, symlinks=True)
    return folder / "src"


class SpecExecutor:
    """A service with a bucket, a cache, and artifacts with names.

    Args:
        spec: File of a job for Vertex AI (.json) or of a pipeline for Kubeflow (.yaml).
        bucket: Address of the bucket in the specification, such as `gs://bucket`.
        folder: What takes the place of the bucket: a folder, or an address that the tasks can reach.
        packages: Folder from which the tasks import the project.
        environment: More variables of the tasks.
        read: Returns the text of a file in the bucket, None if there is none. Default: those of a folder.
    """

    def __init__(
        self,
        spec: Path,
        bucket: str,
        folder: Path | str,
        packages: Path,
        environment: Mapping[str, str] | None = None,
        read: Callable[[str], str | None] | None = None,
    ) -> None:
        text = spec.read_text(encoding="utf-8").replace(bucket, str(folder))
        self._home = spec.parent / "home"
        self._environment = dict(environment or {})
        self._read = read or _read_file
        self._is_vertex = spec.suffix == ".json"
        document = json.loads(text) if self._is_vertex else next(iter(yaml.safe_load_all(text)))
        self._pipeline = document["pipelineSpec"] if self._is_vertex else document
        self._root: str = self._pipeline["defaultPipelineRoot"]
        self._packages = packages
        self._cache: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
        self._runs = self._artifacts = 0

    def tasks(self) -> list[str]:
        """The tasks in an order in which they can run."""
        waiting = dict(self._pipeline["root"]["dag"]["tasks"])
        ordered: list[str] = []
        while waiting:
            ready = sorted(n for n, t in waiting.items() if upstream(t) <= set(ordered))
            if not ready:
                raise SpecError(f"no task of {sorted(waiting)} can start")
            ordered += ready
            for name in ready:
                del waiting[name]
        return ordered

    def run(
        self,
        parameters: Mapping[str, Any] | None = None,
        only: Sequence[str] | None = None,
        earlier: Mapping[str, TaskRun] | None = None,
    ) -> dict[str, TaskRun]:
        """Runs all tasks, or those in `only`. Returns what each did, in the order of their ends.

        `earlier` are tasks that are taken as done.
        """
        self._runs += 1
        values = self._parameters(parameters or {})
        done: dict[str, TaskRun] = dict(earlier or {})
        for name in self.tasks():
            if only is None or name in only:
                start = time.monotonic()
                state, outputs, found, log = self._run_task(name, values, done)
                done[name] = TaskRun(name, state, time.monotonic() - start, outputs, found, log)
        return done

    def _parameters(self, given: Mapping[str, Any]) -> dict[str, Any]:
        definitions = self._pipeline["root"].get("inputDefinitions", {}).get("parameters", {})
        if unknown := set(given) - set(definitions):
            raise SpecError(f"the pipeline has no parameters {sorted(unknown)}")
        values = {
            name: definition["defaultValue"]
            for name, definition in definitions.items()
            if "defaultValue" in definition
        } | dict(given)
        if missing := set(definitions) - set(values):
            raise SpecError(f"the parameters {sorted(missing)} have no values")
        return values

    def _run_task(
        self, name: str, values: Mapping[str, Any], done: Mapping[str, TaskRun]
    ) -> tuple[str, dict[str, Any], dict[str, Any], str]:
        task = self._pipeline["root"]["dag"]["tasks"][name]
        component = self._pipeline["components"][task["componentRef"]["name"]]
        executor = self._pipeline["deploymentSpec"]["executors"][component["executorLabel"]]
        if set(executor) != {"container"}:
            raise SpecError(f"{name} is no container, but {sorted(executor)}")
        container = executor["container"]
        inputs = self._inputs(name, task, component, values, done)
        folder = f"{self._root}/run-{self._runs}/{name}"
        executor_input = {"inputs": inputs, "outputs": self._outputs(component, folder)}
        log = ""
        hook = container.get("lifecycle", {}).get("preCacheCheck") if self._is_vertex else None
        if hook:
            log = self._process(name, hook, container, executor_input)
            found = self._output(executor_input)
            inputs["parameterValues"] |= found.get("parameterValues", {})
        key = cache_key(container, executor_input)
        cached = task.get("cachingOptions", {}).get("enableCache", False)
        if cached and key in self._cache:
            return "cached", *self._cache[key], log
        log += self._process(name, container, container, executor_input)
        output = self._output(executor_input)
        artifacts = self._named(name, executor_input, output)
        parameters = output.get("parameterValues", {})
        expected = component.get("outputDefinitions", {}).get("parameters", {})
        if missing := set(expected) - set(parameters):
            raise SpecError(f"{name} did not write its output parameters {sorted(missing)}")
        self._cache[key] = artifacts, parameters
        return "ran", artifacts, parameters, log

    def _inputs(
        self,
        name: str,
        task: Mapping[str, Any],
        component: Mapping[str, Any],
        values: Mapping[str, Any],
        done: Mapping[str, TaskRun],
    ) -> dict[str, Any]:
        given, defined = task.get("inputs", {}), component.get("inputDefinitions", {})
        for kind in ("artifacts", "parameters"):
            if set(given.get(kind, {})) != set(defined.get(kind, {})):
                raise SpecError(f"{name}: its {kind} are not those of its component")
        found: dict[str, Any] = {"artifacts": {}, "parameterValues": {}}
        for key, source in given.get("artifacts", {}).items():
            place = source["taskOutputArtifact"]
            if place["producerTask"] not in done:
                raise SpecError(f"{name} needs {place}, which has not run")
            artifact = done[place["producerTask"]].outputs[place["outputArtifactKey"]]
            found["artifacts"][key] = {"artifacts": [artifact]}
        for key, source in given.get("parameters", {}).items():
            value = parameter(source, values, done)
            check_type(name, key, value, defined["parameters"][key]["parameterType"])
            if isinstance(value, str):
                value = value.replace(_JOB_NAME, f"run-{self._runs}")
                if "{{" in value:
                    raise SpecError(f"{name}: nothing replaces the placeholder in {key}={value}")
            found["parameterValues"][key] = value
        return found

    def _outputs(self, component: Mapping[str, Any], folder: str) -> dict[str, Any]:
        definitions = component.get("outputDefinitions", {})
        return {
            "artifacts": {
                key: {
                    "artifacts": [
                        {"uri": f"{folder}/{key}", "type": value["artifactType"], "metadata": {}}
                    ]
                }
                for key, value in definitions.get("artifacts", {}).items()
            },
            "parameters": {
                key: {"outputFile": f"{folder}/{key}.parameter"}
                for key in definitions.get("parameters", {})
            },
            "outputFile": f"{folder}/executor_output.json",
        }

    def _output(self, executor_input: Mapping[str, Any]) -> dict[str, Any]:
        """What a task wrote: the `ExecutorOutput`, and parameters in files of their own."""
        outputs = executor_input["outputs"]
        text = self._read(outputs["outputFile"])
        if text is None:
            raise SpecError(f"no output was written to {outputs['outputFile']}")
        output: dict[str, Any] = json.loads(text)
        for key, place in outputs["parameters"].items():
            if (value := self._read(place["outputFile"])) is not None:
                output.setdefault("parameterValues", {})[key] = value
        return output

    def _process(
        self,
        name: str,
        command: Mapping[str, Any],
        container: Mapping[str, Any],
        executor_input: Mapping[str, Any],
    ) -> str:
        """Runs a command of a container as the service does, and returns what it printed."""
        if custom_job_service.LAUNCHER in command["command"]:
            try:
                return custom_job_service.launch(command["args"], executor_input, self._start)
            except custom_job_service.JobFailed as error:
                raise SpecError(f"{name}: {error}") from error
        text = json.dumps(executor_input)
        words = [*command["command"], *command.get("args", [])]
        for word in words:
            if "{{" in word.replace(_EXECUTOR_INPUT, "") and not word.startswith("{"):
                raise SpecError(f"{name}: nothing replaces the placeholder in {word}")
        environment = {item["name"]: item["value"] for item in container.get("env", [])}
        with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
            line = [text if word == _EXECUTOR_INPUT else word for word in words]
            status = self._start(line, environment, log).wait()
            log.seek(0)
            printed = log.read()
        if status:
            raise SpecError(f"{name} failed with status {status}: {printed[-3000:]}")
        return printed

    def _start(
        self, command: Sequence[str], environment: Mapping[str, str], log: IO[str]
    ) -> subprocess.Popen[str]:
        """Starts a command in the container. Its output is written to `log`."""
        home = self._home
        home.mkdir(parents=True, exist_ok=True)
        return subprocess.Popen(
            command,
            env={
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
                "HOME": str(home),
                "PYTHONPATH": str(self._packages),
                "CUDA_VISIBLE_DEVICES": "-1",
                **self._environment,
                **environment,
            },
            cwd=home,
            stdout=log,
            stderr=log,
            text=True,
        )

    def _named(
        self, name: str, executor_input: Mapping[str, Any], output: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The artifacts of a task as the service stores them, with new names."""
        artifacts = {}
        for key, planned in executor_input["outputs"]["artifacts"].items():
            written = output.get("artifacts", {}).get(key)
            if written is None:
                raise SpecError(f"{name} did not write its output {key}")
            self._artifacts += 1
            artifacts[key] = {
                **planned["artifacts"][0],
                **written["artifacts"][0],
                "name": f"artifacts/{self._artifacts}",
                "type": planned["artifacts"][0]["type"],
            }
        return artifacts


def _read_file(path: str) -> str | None:
    return Path(path).read_text(encoding="utf-8") if Path(path).exists() else None
