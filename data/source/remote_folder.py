"""Folders on the remote file systems of Beam: gs://, s3:// and every other that is registered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import BinaryIO

from apache_beam.io.filesystem import BeamIOError, CompressionTypes, FileMetadata
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.options.value_provider import RuntimeValueProvider

from mocogan.data.source.folder_contents import FileSystemUnavailable, FolderContents, FoundFile

_EXTRAS = {"gs": "gcp", "s3": "aws", "azfs": "azure"}  # extras of the package apache-beam
# Beam registers these file systems even if their package is missing, and fails at the first use.
_PACKAGES = {"s3": "boto3", "azfs": "azure.storage.blob"}
_LONGEST_REASON = 300  # characters


def read_remote_folder(address: str) -> FolderContents:
    """Returns every file below `address`. Object stores have no folders, so only names count.

    Raises FileSystemUnavailable, FileNotFoundError when there is no file, NotADirectoryError when
    `address` is a file, and OSError when it cannot be listed.
    """
    check_file_system(address)
    _check_lists_folders_whole(address)
    prefix = address.rstrip("/") + "/"
    # Beam cannot escape "*", "?" and "[". "?" matches them too, and the check of the prefix below
    # removes the other matches.
    pattern = re.sub(r"[*?\[]", "?", prefix) + "**"
    try:
        (match,) = FileSystems.match([pattern])
    except Exception as error:  # each file system raises the errors of its own library
        raise OSError(
            f"data folder {address!r} cannot be listed: {_reason(error)}. Check the address, the "
            f"network and this machine's credentials for {FileSystems.get_scheme(address)}://"
        ) from error
    found = [
        _found_file(entry, prefix)
        for entry in match.metadata_list
        if entry.path.startswith(prefix) and not entry.path.endswith("/")  # marks an empty folder
    ]
    if not found:
        raise _nothing_at(address)
    return _without_hidden(found)


def _found_file(entry: FileMetadata, prefix: str) -> FoundFile:
    name = entry.path[len(prefix) :].encode("utf-8", "surrogateescape")
    modified = round(entry.last_updated_in_seconds * 1e9)
    return FoundFile(name, entry.path, entry.size_in_bytes, modified)


def remote_blocks(address: str, block_bytes: int) -> Iterator[bytes]:
    """Yields the file at `address` in blocks of up to `block_bytes` bytes. Raises OSError."""
    check_file_system(address)
    try:
        # The bytes are never decompressed, even for names such as "a.gz".
        with FileSystems.open(address, compression_type=CompressionTypes.UNCOMPRESSED) as file:
            while block := file.read(block_bytes):
                yield block
    except Exception as error:  # each file system raises the errors of its own library
        raise OSError(f"{address!r} cannot be read: {_reason(error)}") from error


def open_remote(address: str) -> BinaryIO:
    """Opens the file at `address` for reading and seeking. Raises OSError."""
    check_file_system(address)
    try:
        return FileSystems.open(address, compression_type=CompressionTypes.UNCOMPRESSED)
    except Exception as error:  # each file system raises the errors of its own library
        raise OSError(f"{address!r} cannot be read: {_reason(error)}") from error


def check_file_system(address: str) -> None:
    """Raises FileSystemUnavailable unless Beam supports the file system of `address`.

    The message says what to install. The file system itself is not accessed.
    """
    if FileSystems._pipeline_options is None and RuntimeValueProvider.runtime_options is None:
        FileSystems.set_options(PipelineOptions([]))  # s3:// does not work without options
    scheme = FileSystems.get_scheme(address)
    try:
        if scheme in _PACKAGES:
            import_module(_PACKAGES[scheme])
        FileSystems.get_filesystem(address)
    except (ImportError, ValueError) as error:
        raise FileSystemUnavailable(_how_to_get(address, scheme)) from error


def _check_lists_folders_whole(address: str) -> None:
    if FileSystems.get_filesystem(address).has_dirs():
        scheme = FileSystems.get_scheme(address)
        raise FileSystemUnavailable(
            f"{address!r}: Beam lists {scheme}:// only one folder at a time and would miss files. "
            "Copy the videos to this machine, gs:// or s3://"
        )


def _how_to_get(address: str, scheme: str | None) -> str:
    if extra := _EXTRAS.get(scheme or ""):
        return f"{address!r}: {scheme}:// needs an extra package. Run `pip install apache-beam[{extra}]`"
    known = ", ".join(f"{name}:// (apache-beam[{extra}])" for name, extra in _EXTRAS.items())
    return f"{address!r}: Beam has no file system for {scheme}://. Use {known} or a local path"


def _reason(error: Exception) -> str:
    """Returns the error as one short line. Library messages can be long, and Beam wraps them."""
    if isinstance(error, BeamIOError) and error.exception_details:
        return _reason(next(iter(error.exception_details.values())))
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + "…"


def _nothing_at(address: str) -> OSError:
    try:
        is_file = FileSystems.exists(address)
    except BeamIOError:  # for example for the address of a bucket
        is_file = False
    if is_file:
        return NotADirectoryError(
            f"data folder {address!r} is a file. Give the folder that contains the videos"
        )
    return FileNotFoundError(
        f"data folder {address!r} does not exist or has no files. "
        "Give the folder that contains the videos"
    )


def _without_hidden(found: list[FoundFile]) -> FolderContents:
    files: list[FoundFile] = []
    hidden_files: set[bytes] = set()
    hidden_folders: set[bytes] = set()
    for file in found:
        hidden = re.search(rb"(?:\A|/)\.[^/]*", file.name)
        if hidden is None:
            files.append(file)
        elif hidden.end() == len(file.name):
            hidden_files.add(file.name)
        else:
            hidden_folders.add(file.name[: hidden.end()])
    return FolderContents(files, [], len(hidden_files), len(hidden_folders))
