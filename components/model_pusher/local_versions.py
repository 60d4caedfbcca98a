"""Versions in a local folder. Servers see a version as a whole or not at all.

A version is written under a name that no server takes for a version, and then renamed. One process at a time changes a
folder: it holds a lock that the system releases when the process ends, however it ends. So whatever lies aside when a
process gets the lock is left over, and it is deleted.

The lock is a file and not the folder itself, because NFS locks only files that are open for writing. `renameat2` with
RENAME_NOREPLACE would make numbers unique without a lock, but NFS has no such call, and it does not tell which folders
are left over.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from mocogan.components.model_pusher.contents import Draft, check_copy, hashes
from mocogan.components.model_pusher.manifest import MANIFEST_FILE, file_sha256
from mocogan.components.model_pusher.versions import next_version
from mocogan.components.model_pusher.warm_up import WARM_UP_FILE, write_warm_up_requests
from mocogan.data.address import is_remote

_LOCK_FILE = ".push.lock"
_PUSHING = ".pushing-"
_DELETING = ".deleting-"
_NAME_IS_TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)


@contextmanager
def locked(destination: str) -> Iterator[None]:
    """Waits until no other process changes the folder, deletes what others left over, and holds the lock in the block.

    Args:
        destination: Local folder of the versions. It is created if it is missing.

    Raises:
        OSError: The folder cannot be written.
    """
    os.makedirs(destination, exist_ok=True)
    path = os.path.join(destination, _LOCK_FILE)
    descriptor = _lock(path)
    try:
        for name in os.listdir(destination):
            if name.startswith((_PUSHING, _DELETING)):
                _remove(os.path.join(destination, name))
        yield
    finally:
        with suppress(FileNotFoundError):  # someone may have deleted the whole folder
            os.unlink(path)
        os.close(descriptor)


def add_version(model: str, destination: str, draft: Draft) -> str:
    """Copies a model to a new version, above all others. The lock must be held.

    Args:
        model: Folder of the SavedModel, local or an address.
        destination: Local folder of the versions.
        draft: Manifest of the version.

    Returns:
        The folder of the version.

    Raises:
        ModelChanged: The copy differs from the model.
        OSError: The folder cannot be written. Nothing is left in it.
        tf.errors.OpError: TensorFlow cannot read or write a file. Nothing is left in the folder.
    """
    aside = os.path.join(destination, f"{_PUSHING}{uuid.uuid4().hex}")
    try:
        os.mkdir(aside)
        files = _copy(model, aside, draft.additions)
        return _publish(aside, destination, draft, files)
    finally:
        if os.path.isdir(aside):
            _remove(aside)


def delete_version(destination: str, version: str) -> None:
    """Deletes a version. For servers it disappears at once. The lock must be held. Raises OSError."""
    hidden = os.path.join(destination, f"{_DELETING}{version}")
    os.rename(os.path.join(destination, version), hidden)
    _remove(hidden)


def _lock(path: str) -> int:
    """Creates and locks a file. Its last owner may have deleted it meanwhile, so only the file there now counts."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                return descriptor
        except FileNotFoundError:
            pass  # deleted meanwhile
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _copy(model: str, folder: str, additions: Mapping[str, bytes]) -> dict[str, str]:
    """Copies a model, and adds files and warm-up requests. Returns the hash of each file. All are on the disk."""
    files = hashes(model)
    for name in files:
        _copy_file(os.path.join(model, name), os.path.join(folder, name))
    if WARM_UP_FILE not in files:
        path = os.path.join(folder, WARM_UP_FILE)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_warm_up_requests(folder, path)
        files[WARM_UP_FILE] = file_sha256(path)
    for name, content in additions.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        files[name] = file_sha256(path)
    for parent, _, names in os.walk(folder):
        for name in names:
            _flush(os.path.join(parent, name))
        _flush(parent)
    check_copy(folder, files)
    return files


def _copy_file(source: str, target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if is_remote(source):
        import tensorflow as tf

        tf.io.gfile.copy(source, target)
    else:
        shutil.copyfile(source, target)


def _publish(folder: str, destination: str, draft: Draft, files: dict[str, str]) -> str:
    while True:
        version = next_version(destination, draft.now())
        _write_manifest(folder, draft.manifest(version, files).model_dump_json(indent=2))
        target = os.path.join(destination, version)
        try:
            os.rename(folder, target)
        except OSError as error:
            if error.errno not in _NAME_IS_TAKEN:  # by someone who does not use the lock
                raise
        else:
            _flush(destination)
            return target


def _write_manifest(folder: str, content: str) -> None:
    path = os.path.join(folder, MANIFEST_FILE)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    _flush(path)
    _flush(os.path.dirname(path))


def _flush(path: str) -> None:
    """Writes a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: str) -> None:
    if os.path.islink(path) or not os.path.isdir(path):
        os.unlink(path)
    else:
        shutil.rmtree(path)
