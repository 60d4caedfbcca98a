"""The objects of the server, a record of all changes, and the rules that it enforces."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

from gcp_storage_emulator.handlers import objects as handlers
from gcp_storage_emulator.storage import Storage

WRITE, DELETE = "write", "delete"


class GenerationDiffers(Exception):
    """An upload was for another generation of the object, for example for none."""


class Change(NamedTuple):
    """A change of the objects."""

    kind: str  # WRITE or DELETE
    name: str
    content: bytes  # after it


class Objects(Storage):
    """The objects of one bucket, in memory. Tests call the public methods from another process."""

    def __init__(self, bucket: str) -> None:
        super().__init__(use_memory_fs=True)
        self.create_bucket(bucket, {"name": bucket, "kind": "storage#bucket", "location": "EU"})
        self.bucket = bucket
        self.lock = threading.RLock()
        self.wanted_generation: str | None = None  # of the request that is answered now
        self.requested_copies: list[tuple[str, str]] = []
        self.held = Hold()
        self.reset()

    def reset(self) -> None:
        """Forgets all objects, changes and rules."""
        self.objects[self.bucket] = {}
        self.recorded: list[Change] = []
        self.requested_copies.clear()
        self.rules()

    def rules(
        self,
        forbids_copies: bool = True,
        keeps_markers: bool = False,
        changes_left: int | None = None,
    ) -> None:
        """Sets the rules.

        Args:
            forbids_copies: Requests for copies are refused. A rename is a copy and a deletion.
            keeps_markers: An empty object `folder/` is stored, so that folders exist without files.
            changes_left: Number of changes after which every request is refused. None: never. For a program, this is
                like its own death: nothing that it does is seen any more.
        """
        self.forbids_copies, self.keeps_markers = forbids_copies, keeps_markers
        self._last = None if changes_left is None else len(self.recorded) + changes_left

    def changes(self) -> list[Change]:
        """All changes, in their order."""
        return self.recorded

    def copies(self) -> list[tuple[str, str]]:
        """(source, target) of all copies that the server was asked for."""
        return self.requested_copies

    def names(self, prefix: str = "") -> list[str]:
        """Sorted names of the objects that begin with `prefix`."""
        return sorted(n for n in self.objects.get(self.bucket, {}) if n.startswith(prefix))

    def content(self, name: str) -> bytes | None:
        """Content of an object, None if it does not exist."""
        if name not in self.objects.get(self.bucket, {}):
            return None
        content: bytes = self.get_file(self.bucket, name)
        return content

    def put(self, name: str, content: bytes) -> None:
        """Stores an object, without a record."""
        super().create_file(self.bucket, name, content, self.description(name, content))

    def hold(self, method: str, part: str) -> None:
        """Lets the next request with this method and part of its path wait until `release`."""
        self.held.next_request(method, part)

    def wait_for_held(self) -> None:
        """Returns once that request has come."""
        self.held.arrived.wait()

    def release(self) -> None:
        """Lets the request go on."""
        self.held.free.set()

    def description(self, name: str, content: bytes) -> dict[str, Any]:
        """The resource that describes an object, as the emulator makes it, but without an address of its content.

        Clients then ask the server that they know.
        """
        described = handlers._make_object_resource(
            "http://localhost", self.bucket, name, "application/octet-stream", str(len(content))
        )
        del described["mediaLink"]
        checked: dict[str, Any] = handlers._checksums(content, described)
        return checked

    def refusal(self) -> str | None:
        """Why every request is refused now. None: they are answered."""
        dead = self._last is not None and len(self.recorded) >= self._last
        return "the store fails now" if dead else None

    def _write_config_to_file(self) -> None:
        """Nothing: the objects end with the process."""

    def create_file(
        self, bucket: str, name: str, content: bytes, described: dict[str, Any], upload: Any = None
    ) -> None:
        """Stores an object, at the end of an upload or as a copy."""
        if name.endswith("/") and not self.keeps_markers:
            return
        found = self.objects[bucket].get(name, {"generation": "0"})
        if self.wanted_generation not in (None, found["generation"]):
            raise GenerationDiffers(f"{name} has the generation {found['generation']}")
        super().create_file(bucket, name, content, described, upload)
        self.recorded.append(Change(WRITE, name, content))

    def delete_file(self, bucket: str, name: str) -> None:
        """Deletes an object. Raises NotFound."""
        super().delete_file(bucket, name)
        self.recorded.append(Change(DELETE, name, b""))


class Hold:
    """A request that waits."""

    def __init__(self) -> None:
        self._method = self._part = ""
        self.arrived, self.free = threading.Event(), threading.Event()

    def next_request(self, method: str, part: str) -> None:
        """Chooses the request."""
        self._method, self._part = method, part
        self.arrived.clear()
        self.free.clear()

    def wait_if_chosen(self, method: str, path: str) -> None:
        """Waits if this is the request."""
        if self._method == method and self._part in path:
            self._method = ""
            self.arrived.set()
            self.free.wait()
