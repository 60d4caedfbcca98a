"""The server and proxy, in a process of its own: TensorFlow keeps Python waiting while it talks to the server."""

from __future__ import annotations

import json
import multiprocessing
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from multiprocessing.managers import BaseManager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from gcp_storage_emulator.server import RequestHandler

from tests.support.certificates import certificate
from tests.support.object_store.objects import GenerationDiffers, Objects
from tests.support.service_account import write_service_account

_HOSTS = ("www.googleapis.com", "storage.googleapis.com")
_ADDRESS_FILE = "address"
_TOKEN_PATH = "/token"
_COPY = re.compile(r".*/b/[^/]+/o/(?P<source>.+)/(?:rewriteTo|copyTo)/b/[^/]+/o/(?P<target>.+)")


class _Handler(RequestHandler):
    """Applies the rules, then lets the emulator answer."""

    protocol_version = "HTTP/1.1"
    tls = False

    def do_GET(self) -> None:
        """Answers a request, as the methods below."""
        self._answer("GET", super().do_GET)

    def do_POST(self) -> None:
        self._answer("POST", super().do_POST)

    def do_PUT(self) -> None:
        self._answer("PUT", super().do_PUT)

    def do_PATCH(self) -> None:
        self._answer("PATCH", super().do_PATCH)

    def do_DELETE(self) -> None:
        self._answer("DELETE", super().do_DELETE)

    def do_CONNECT(self) -> None:
        """Speaks TLS on the connection from now on, as the host that the client asked for."""
        if self.path.rpartition(":")[0] not in _HOSTS:  # google-auth looks for other services too
            self.send_error(403)
            return
        self.send_response(200, "Connection established")
        self.end_headers()
        server: Any = self.server
        connection = server.tls.wrap_socket(self.connection, server_side=True)
        _TlsHandler(self.storage, connection, self.client_address, self.server)
        self.close_connection = True

    def send_header(self, keyword: str, value: str) -> None:
        """Sends a header. Uploads stay on TLS."""
        if keyword == "Location" and self.tls:
            value = value.replace("http://", "https://", 1)
        super().send_header(keyword, value)

    def _answer(self, method: str, answer: Callable[[], None]) -> None:
        objects: Objects = self.storage
        if self.headers.get("Transfer-Encoding") == "chunked":
            del self.headers["Content-Length"]  # TensorFlow's client sends both
        if self.path == _TOKEN_PATH:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._send(200, {"access_token": "no-secret", "expires_in": 3600})
            return
        objects.held.wait_if_chosen(method, self.path)
        query = parse_qs(urlsplit(self.path).query)
        with objects.lock:
            if refusal := self._refusal(objects):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self._refuse(403, refusal)
                return
            objects.wanted_generation = query.get("ifGenerationMatch", [None])[0]
            try:
                if method == "POST" and query.get("uploadType") == ["media"]:
                    self._store(query["name"][0], objects)
                else:
                    answer()
            except GenerationDiffers as error:
                self._refuse(412, str(error))
            except Exception as error:  # clients would try again without end after a lost answer
                self._refuse(400, f"{type(error).__name__}: {error}")

    def _store(self, name: str, objects: Objects) -> None:
        """Stores an upload in one request, which the emulator cannot do for empty objects."""
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        described = objects.description(name, content)
        objects.create_file(objects.bucket, name, content, described)
        self._send(200, described)

    def _refusal(self, objects: Objects) -> str | None:
        if copy := _COPY.fullmatch(urlsplit(self.path).path):
            names = unquote(copy["source"]), unquote(copy["target"])
            objects.requested_copies.append(names)
            if objects.forbids_copies:
                return f"copies are forbidden: {' to '.join(names)}"
        return objects.refusal()

    def _refuse(self, status: int, message: str) -> None:
        self._send(status, {"error": {"code": status, "message": message}})

    def _send(self, status: int, content: Mapping[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _TlsHandler(_Handler):
    tls = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    tls: ssl.SSLContext


class _Manager(BaseManager):
    """Runs the server in a process of its own."""


@contextmanager
def object_store(folder: Path, bucket: str) -> Iterator[tuple[Objects, Mapping[str, str]]]:
    """Starts a server with an empty bucket.

    Args:
        folder: Gets the certificate, its key, and the key of an account.
        bucket: Name of the bucket.

    Yields:
        The objects in the other process, of which only the methods can be used, and the environment variables of a
        program that shall use the server as Google Cloud Storage.
    """
    with _Manager(ctx=multiprocessing.get_context("spawn")) as manager:
        objects = manager.serve(folder, bucket)  # type: ignore[attr-defined]
        address = (folder / _ADDRESS_FILE).read_text()
        account = folder / "account.json"
        write_service_account(account, f"{address}{_TOKEN_PATH}")
        yield (
            objects,
            {
                "STORAGE_EMULATOR_HOST": address,  # Beam, google-cloud-storage
                "https_proxy": address,  # TensorFlow
                "no_proxy": "localhost,127.0.0.1",
                "CURL_CA_BUNDLE": str(folder / "roots.pem"),
                "GOOGLE_AUTH_TOKEN_FOR_TESTING": "no-secret",
                "GOOGLE_APPLICATION_CREDENTIALS": str(account),
                "NO_GCE_CHECK": "true",
                "GOOGLE_CLOUD_PROJECT": "some-project",
            },
        )


def _serve(folder: Path, bucket: str) -> Objects:
    objects = Objects(bucket)
    key, chain = certificate(*_HOSTS)
    (folder / "key.pem").write_bytes(key)
    (folder / "roots.pem").write_bytes(chain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "roots.pem", folder / "key.pem")

    def handle(*arguments: Any) -> None:
        _Handler(objects, *arguments)

    server = _Server(("127.0.0.1", 0), handle)  # type: ignore[arg-type]
    server.tls = context
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (folder / _ADDRESS_FILE).write_text(f"http://127.0.0.1:{server.server_port}")
    return objects


_Manager.register("serve", _serve)
