"""Servers of tiny models in this process, and plain HTTP clients."""

from __future__ import annotations

import base64
import http.client
import io
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mocogan.pipeline.serving.limits import Limits
from mocogan.pipeline.serving.model.model_source import find_source
from mocogan.pipeline.serving.server import ServeOptions, Server

CARD = """---
tags:
- x
---

# Model card: tiny

**Blessed:** 3 checks passed.

## Training data

| field | value |
| --- | --- |
| Data | `<b>` a\\|b |
"""


@dataclass
class Answer:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def error(self) -> str:
        """The message of an error, which must have TensorFlow Serving's form."""
        assert self.headers["content-type"] == "application/json"
        assert self.json.keys() == {"error"}
        text: str = self.json["error"]
        return text


@dataclass
class Served:
    """A server that runs."""

    server: Server
    folder: Path  # of the versions
    lines: list[str] = field(default_factory=list)  # of its log

    def get(self, path: str, **headers: str) -> Answer:
        return request(self.server.port, "GET", path, headers=headers)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return request(self.server.port, "POST", path, content, headers)

    def predict(self, signature: str = "", **form: Any) -> Answer:
        """Calls the newest version. `form` is `instances` or `inputs`."""
        return self.post("/v1/models/mocogan:predict", {"signature_name": signature, **form})


def request(
    port: int,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """Sends a request to this machine. Underscores in names of headers become hyphens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    sent = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
    try:
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read())
    finally:
        connection.close()


def push_tiny(folder: Path, labels: tuple[str, ...]) -> str:
    """Pushes a tiny model with a card into an empty folder. Returns the folder of the version."""
    from tests.support.tiny_model import export_tiny

    return push_with_card(export_tiny(str(folder / "model"), labels), folder)


def push_with_card(model: str, folder: Path) -> str:
    """Pushes a model with a card into folder/pushed. Returns the folder of the version."""
    from mocogan.components.model_pusher.push import push

    return push(
        model, str(folder / "pushed"), additions={"assets.extra/model_card.md": CARD.encode()}
    ).folder


def push_again(version: str, folder: Path, number: int) -> None:
    """Makes a copy of a pushed version appear in a folder of versions, whole."""
    from mocogan.components.model_pusher.manifest import MANIFEST_FILE

    aside = folder / f".pushing-{number}"
    shutil.copytree(version, aside)
    manifest = json.loads((aside / MANIFEST_FILE).read_text("utf-8"))
    (aside / MANIFEST_FILE).write_text(json.dumps({**manifest, "version": str(number)}), "utf-8")
    aside.rename(folder / str(number))


@contextmanager
def serve_folder(
    folder: Path, version: str, limits: Limits | None = None, **options: Any
) -> Iterator[Served]:
    """Serves a folder of versions, in which a copy of a pushed version has the number 1."""
    folder.mkdir(exist_ok=True)
    push_again(version, folder, 1)
    lines: list[str] = []
    options = {"port": 0, "grpc_port": 0, "poll_seconds": 0.05, **options}
    server = Server(
        ServeOptions(limits=limits or Limits(seconds=600.0), **options),
        lambda: find_source(str(folder), False),
        lines.append,
    )
    server.start()
    try:
        yield Served(server, folder, lines)
    finally:
        server.stop()


def strip_of(answer: Any) -> np.ndarray:
    """{"b64": PNG} or the PNG itself -> [H, T * W, 3]."""
    content = base64.b64decode(answer["b64"]) if isinstance(answer, dict) else answer
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
