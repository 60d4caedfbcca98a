"""Folders on a file system of Beam's: gs://, s3:// and whatever else is registered with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module

from apache_beam.io.filesystem import BeamIOError, CompressionTypes, FileMetadata
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.options.value_provider import RuntimeValueProvider

from mocogan.data.source.folder_contents import FileSystemUnavailable, FolderContents, FoundFile

_EXTRAS = {"gs": "gcp", "s3": "aws", "azfs": "azure"}  # of the package apache-beam
# Beam registers these without the package behind them and fails at the first use.
_PACKAGES = {"s3": "boto3", "azfs": "azure.storage.blob"}
_LONGEST_REASON = 300  # characters


def read_remote_folder(address: str) -> FolderContents:
    """Every file below `address`. Object stores have no folders, so what counts is the names.

    Raises FileSystemUnavailable, FileNotFoundError when there is no file, NotADirectoryError when
    `address` is one, and OSError when it cannot be listed.
    """
    check_file_system(address)
    _check_lists_folders_whole(address)
    prefix = address.rstrip("/") + "/"
    # Beam has no way to quote "*", "?" and "[": "?" matches them, and more, which is dropped here.
    pattern = re.sub(r"[*?\[]", "?", prefix) + "**"
    try:
        (match,) = FileSystems.match([pattern])
    except Exception as error:  # each file system has its library's own errors
        raise OSError(
            f"data folder {address!r} cannot be listed: {_reason(error)}; check the address, the "
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
    """The bytes of the file at `address`, at most `block_bytes` at a time. Raises OSError."""
    check_file_system(address)
    try:
        # Whatever the name ends in, the bytes are wanted as they are.
        with FileSystems.open(address, compression_type=CompressionTypes.UNCOMPRESSED) as file:
            while block := file.read(block_bytes):
                yield block
    except Exception as error:  # each file system has its library's own errors
        raise OSError(f"{address!r} cannot be read: {_reason(error)}") from error


def check_file_system(address: str) -> None:
    """Raises FileSystemUnavailable, saying what to install, unless Beam has the one of `address`.

    Nothing is asked of the file system itself.
    """
    if FileSystems._pipeline_options is None and RuntimeValueProvider.runtime_options is None:
        FileSystems.set_options(PipelineOptions([]))  # s3:// does not work without any
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
            f"{address!r}: Beam lists {scheme}:// one folder at a time, so files would be missed; "
            "copy them to this machine, gs:// or s3://"
        )


def _how_to_get(address: str, scheme: str | None) -> str:
    if extra := _EXTRAS.get(scheme or ""):
        return f"{address!r}: {scheme}:// needs `pip install apache-beam[{extra}]`"
    known = ", ".join(f"{name}:// (apache-beam[{extra}])" for name, extra in _EXTRAS.items())
    return (
        f"{address!r}: Beam has no file system for {scheme}://; it has {known}; "
        "give a folder of this machine as a path"
    )


def _reason(error: Exception) -> str:
    """One line: a library's messages may be pages, and Beam wraps them up."""
    if isinstance(error, BeamIOError) and error.exception_details:
        return _reason(next(iter(error.exception_details.values())))
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + "…"


def _nothing_at(address: str) -> OSError:
    try:
        is_file = FileSystems.exists(address)
    except BeamIOError:  # such as for a bucket's own address
        is_file = False
    if is_file:
        return NotADirectoryError(
            f"data folder {address!r} is a file: give the folder that holds the videos"
        )
    return FileNotFoundError(
        f"data folder {address!r}: no such folder or no files; "
        "give the folder that holds the videos"
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
