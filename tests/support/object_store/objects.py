"""The objects of the server, a record of all changes, and the rules that it enforces."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from gcp_storage_emulator.handlers import objects as handlers
from gcp_storage_emulator.storage import Storage

WRITE, DELETE = "write", "delete"


class GenerationDiffers(Exception):
    """An upload was for another generation of the object, for example for none."""


class Change(NamedTuple):
    """A change of the objects. `before` is the content that was replaced, None if there was none."""

    kind: str  # WRITE or DELETE
    name: str
    size: int
    before: bytes | None


class Objects(Storage):
    """The objects of one bucket, in memory.

    Attributes:
        changes: All changes, in their order.
        copies: (source, target) of all copies that the server was asked for. A rename is a copy, then a deletion.
        forbids_copies: Whether these requests are refused. So a program that renames fails.
        keeps_markers: Whether an empty object `folder/` is stored. Folders then exist without files.
        fails_after: Number of changes after which every request is refused. None: never. For a program, this is like
            its own death: nothing that it does is seen any more.
        after_change: Called after each change.
        before_request: Called with the method and the path before each request, without a lock.
    """

    def __init__(self, bucket: str) -> None:
        super().__init__(use_memory_fs=True)
        self.create_bucket(bucket, {"name": bucket, "kind": "storage#bucket", "location": "EU"})
        self.bucket = bucket
        self.lock = threading.RLock()
        self.wanted_generation: str | None = None  # of the request that is answered now
        self.reset()

    def reset(self) -> None:
        """Forgets all objects, changes and rules."""
        self.objects[self.bucket] = {}
        self.changes: list[Change] = []
        self.copies: list[tuple[str, str]] = []
        self.forbids_copies = False
        self.keeps_markers = False
        self.fails_after: int | None = None
        self.after_change: Callable[[], None] = lambda: None
        self.before_request: Callable[[str, str], None] = lambda method, path: None

    def names(self, prefix: str = "") -> list[str]:
        """Sorted names of the objects that begin with `prefix`."""
        return sorted(n for n in self.objects.get(self.bucket, {}) if n.startswith(prefix))

    def content(self, name: str) -> bytes | None:
        """Content of an object, None if it does not exist."""
        if name not in self.objects.get(self.bucket, {}):
            return None
        content: bytes = self.get_file(self.bucket, name)
        return content

    def description(self, name: str, content: bytes) -> dict[str, Any]:
        """The resource that describes an object, as the emulator makes it."""
        described = handlers._make_object_resource(
            "http://localhost", self.bucket, name, "application/octet-stream", str(len(content))
        )
        checked: dict[str, Any] = handlers._checksums(content, described)
        return checked

    def put(self, name: str, content: bytes) -> None:
        """Stores an object, without a record."""
        super().create_file(self.bucket, name, content, self.description(name, content))

    @property
    def failed(self) -> bool:
        """Whether every request is refused by now."""
        return self.fails_after is not None and len(self.changes) >= self.fails_after

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
        before = self.content(name)
        super().create_file(bucket, name, content, described, upload)
        self.changes.append(Change(WRITE, name, len(content), before))
        self.after_change()

    def delete_file(self, bucket: str, name: str) -> None:
        """Deletes an object. Raises NotFound."""
        before = self.content(name)
        super().delete_file(bucket, name)
        self.changes.append(Change(DELETE, name, 0, before))
        self.after_change()
