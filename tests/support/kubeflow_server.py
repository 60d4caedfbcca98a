"""A server with the HTTP interface of Kubeflow Pipelines (v2beta1). It checks every request and keeps all in memory.

Bodies are checked against the models of kfp_server_api, which are generated from the published OpenAPI description.
"""

from __future__ import annotations

import contextlib
import datetime
import itertools
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import kfp_server_api
from google.protobuf.json_format import ParseDict, ParseError
from kfp.pipeline_spec import pipeline_spec_pb2

_API = "/apis/v2beta1"
_PROXY = "/api/v1/namespaces/kubeflow/services/ml-pipeline:http/proxy"  # of Kubernetes
_SCALARS: dict[str, tuple[type, ...]] = {
    "str": (str, int),  # int64 is a text in JSON, and a number is accepted
    "int": (int,),
    "bool": (bool,),
    "datetime": (str,),
    "object": (object,),
}
_RANGES = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6))  # of the fields of cron


class Refusal(Exception):
    """An answer with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class KubeflowServer:
    """Experiments, runs and recurring runs of one cluster. Tests read and change the attributes."""

    def __init__(self) -> None:
        self.experiments: dict[str, Any] = {}
        self.runs: dict[str, Any] = {}
        self.recurring_runs: dict[str, Any] = {}
        self.requests: list[tuple[str, str, Any]] = []  # method, path, body
        self.tokens: set[str | None] = set()
        self.refuse: list[Refusal] = []  # the next answers to POST, before any work is done
        self.lose_answers = 0  # the next POST that work, whose answers do not arrive
        self.delay = 0.0  # seconds before each answer
        self.story: list[Callable[[Any], None]] = []  # what happens to a run at each look
        self.content_type = "application/json"
        self._ids = itertools.count(1)

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
        """The answer to a request. Raises Refusal."""
        self.requests.append((method, path, body))
        if path == "/healthz":
            return {"multi_user": False}
        kind, _, rest = path.strip("/").partition("/")
        makes = {
            "experiments": (self.experiments, "V2beta1Experiment", "experiment_id"),
            "runs": (self.runs, "V2beta1Run", "run_id"),
            "recurringruns": (self.recurring_runs, "V2beta1RecurringRun", "recurring_run_id"),
        }
        things, model, id_key = makes[kind]
        if method == "POST" and not rest:
            return self._made(things, model, id_key, body)
        if method == "GET" and not rest:
            return self._listed(kind, things, query)
        identity, _, action = rest.partition(":")
        if identity not in things:
            raise Refusal(404, f"{kind} {identity} not found")
        if action:
            things[identity]["status"] = {"enable": "ENABLED", "disable": "DISABLED"}[action]
            return {}
        if method == "DELETE":
            del things[identity]
            return {}
        if kind == "runs" and self.story:
            self.story.pop(0)(things[identity])
        return things[identity]

    def _made(self, things: dict[str, Any], model: str, id_key: str, body: Any) -> Any:
        check_model(model, body)
        if model == "V2beta1Experiment":
            check(body.get("display_name"), "no name")
        else:
            check_run(body)
            check(body["experiment_id"] in self.experiments, "unknown experiment")
        if model == "V2beta1RecurringRun":
            check_recurring_run(body)
        number = next(self._ids)
        made = dict(body)
        made[id_key] = f"id-{number}"
        made["created_at"] = (
            datetime.datetime(2030, 1, 1) + datetime.timedelta(seconds=number)
        ).isoformat() + "Z"
        if model == "V2beta1Run":
            made["state"] = "PENDING"
        if model == "V2beta1RecurringRun":
            made["status"] = "ENABLED" if body["mode"] == "ENABLE" else "DISABLED"
        things[made[id_key]] = made
        return made

    def _listed(self, kind: str, things: dict[str, Any], query: dict[str, str]) -> Any:
        found = sorted(things.values(), key=lambda thing: thing["created_at"], reverse=True)
        if "filter" in query:
            for predicate in json.loads(query["filter"])["predicates"]:
                wanted = predicate.get("stringValue") or predicate.get("string_value")
                found = [thing for thing in found if thing[predicate["key"]] == wanted]
        first, size = int(query.get("page_token") or 0), int(query.get("page_size") or 20)
        key = "recurringRuns" if kind == "recurringruns" else kind
        last = first + min(size, 2)
        answer = {key: found[first:last], "total_size": len(found)}
        return answer | ({"next_page_token": str(last)} if last < len(found) else {})

    def sent(self, path: str) -> list[Any]:
        """Bodies of the POST requests to a path."""
        return [body for method, at, body in self.requests if (method, at) == ("POST", path)]


def check(condition: object, message: str) -> None:
    """Refuses a request that is not valid."""
    if not condition:
        raise Refusal(400, message)


def check_model(model: str, value: Any) -> None:
    """Checks a value against a model of the OpenAPI description: no unknown field, and the right types."""
    kind = getattr(kfp_server_api, model)
    if hasattr(kind, "allowable_values"):
        check(value in kind.allowable_values, f"{value!r} is no {model}")
        return
    check(isinstance(value, dict), f"{model} must be an object")
    names = {json_name: name for name, json_name in kind.attribute_map.items()}
    for json_name, inner in value.items():
        check(json_name in names, f"{model} has no field {json_name}")
        _check_type(kind.openapi_types[names[json_name]], inner)


def _check_type(expected: str, value: Any) -> None:
    if expected in _SCALARS:
        check(isinstance(value, _SCALARS[expected]), f"{value!r} is no {expected}")
    elif match := re.fullmatch(r"list\[(.*)\]", expected):
        for item in value:
            _check_type(match[1], item)
    elif match := re.fullmatch(r"dict\(str, (.*)\)", expected):
        for item in value.values():
            _check_type(match[1], item)
    else:
        check_model(expected, value)


def check_run(body: Any) -> None:
    """Checks what runs and recurring runs share, as the API server does."""
    check(body.get("display_name"), "no name")
    check("experiment_id" in body, "no experiment")
    spec = body.get("pipeline_spec")
    if spec is None:
        check(body.get("pipeline_version_reference"), "no pipeline")
        return
    try:
        pipeline = ParseDict(spec.get("pipeline_spec", spec), pipeline_spec_pb2.PipelineSpec())
    except ParseError as error:
        raise Refusal(400, f"bad pipeline: {error}") from None
    check(pipeline.schema_version == "2.1.0", "unknown schema version")
    parameters = body.get("runtime_config", {}).get("parameters", {})
    check(set(parameters) <= set(pipeline.root.input_definitions.parameters), "unknown parameter")


def check_recurring_run(body: Any) -> None:
    """Checks limits and times, as the API server and its cron (robfig/cron 1) do."""
    check(1 <= int(body.get("max_concurrency", 0)) <= 10, "max_concurrency must be 1 to 10")
    check(body.get("mode") in ("ENABLE", "DISABLE"), "no mode")
    text = body["trigger"]["cron_schedule"]["cron"]
    fields = text.split()
    check(len(fields) == 6, f"expected 6 fields, found {len(fields)}: {text}")
    for field, (low, high) in zip(fields, _RANGES, strict=True):
        numbers = [int(number) for number in re.findall(r"(?<!/)\b\d+", field)]
        check(
            all(low <= number <= high for number in numbers), f"{field} is out of range in {text}"
        )


class _Handler(BaseHTTPRequestHandler):
    state: KubeflowServer

    def _serve(self) -> None:
        address = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(address.query).items()}
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        time.sleep(self.state.delay)
        status, answer = 200, None
        try:
            self.state.tokens.add(self.headers.get("authorization"))
            proxy, found, path = address.path.partition(_API)
            if not found or proxy not in ("", f"{_PROXY}/"):
                raise Refusal(404, "no such page")
            is_post = self.command == "POST"
            if is_post and self.state.refuse:
                raise self.state.refuse.pop(0)
            answer = self.state.answer(self.command, path, query, body)
            if is_post and self.state.lose_answers:
                self.state.lose_answers -= 1
                raise Refusal(504, "upstream request timeout")
        except Refusal as refusal:
            status = refusal.status
            answer = {
                "error": refusal.message,
                "code": 3,
                "message": refusal.message,
                "details": [],
            }
        content = json.dumps(answer).encode()
        with contextlib.suppress(
            BrokenPipeError, ConnectionResetError
        ):  # a client that waits no longer
            self._send(status, content)

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", self.state.content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = _serve

    def log_message(self, *_: Any) -> None:
        """Prints nothing."""


@contextmanager
def kubeflow_server() -> Iterator[tuple[KubeflowServer, str]]:
    """Starts a server. Gives it with its address."""
    state = KubeflowServer()
    handler = type("Handler", (_Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield state, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
