"""Contents of a local folder. No file is opened, and every link is checked."""

from __future__ import annotations

import os
import stat

from mocogan.data.source.folder_contents import FolderContents, FoundFile, Refusal


def read_local_folder(folder: str) -> FolderContents:
    """Returns everything below `folder`, which may itself be a link.

    A subfolder that cannot be read is refused. Raises FileNotFoundError or NotADirectoryError when
    `folder` is not a folder, and OSError when it cannot be read.
    """
    try:
        status = os.stat(folder)
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(
            f"data folder {folder!r} does not exist. Give the folder that contains the videos"
        ) from None
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(
            f"data folder {folder!r} is a file. Give the folder that contains the videos"
        )
    walk = _Walk(os.path.realpath(folder))
    return FolderContents(walk.files, walk.refusals, walk.hidden_files, walk.hidden_folders)


class _Walk:
    """Visits every folder below `root` and sorts the entries. The path of `root` must have no links."""

    def __init__(self, root: str) -> None:
        self.files: list[FoundFile] = []
        self.refusals: list[Refusal] = []
        self.hidden_files = 0
        self.hidden_folders = 0
        self._root = root
        self._unvisited = [(root, b"")]
        self._visit(*self._unvisited.pop())
        while self._unvisited:
            path, name = self._unvisited.pop()
            try:
                self._visit(path, name)
            except OSError as error:
                self._refuse_unreadable(name, "the folder", error)

    def _visit(self, folder: str, folder_name: bytes) -> None:
        with os.scandir(folder) as entries:
            found = list(entries)  # a folder that cannot be listed completely is refused
        for entry in found:
            base = os.fsencode(entry.name)
            name = folder_name + b"/" + base if folder_name else base
            try:
                self._sort_in(entry, name)
            except OSError as error:
                self._refuse_unreadable(name, "the file", error)

    def _sort_in(self, entry: os.DirEntry[str], name: bytes) -> None:
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.name.startswith("."):
            self.hidden_folders += is_folder
            self.hidden_files += not is_folder
        elif entry.is_symlink():
            self._follow(entry.path, name)
        elif is_folder:
            self._unvisited.append((entry.path, name))
        else:
            self._add(entry.path, name, entry.stat(follow_symlinks=False))

    def _follow(self, path: str, name: bytes) -> None:
        try:
            status = os.stat(path)
        except OSError as error:  # the target does not exist, or the links form a circle
            message = f"the link to {os.readlink(path)!r} is broken: {error.strerror}"
            self.refusals.append(Refusal(name, "open_failed", message))
            return
        target = os.path.realpath(path)
        is_folder = stat.S_ISDIR(status.st_mode)
        if os.path.commonpath([target, self._root]) != self._root:
            kind = "folder" if is_folder else "file"
            message = (
                f"the link leads to the {kind} {target!r} outside the data folder. "
                f"Copy the {kind} into the data folder"
            )
            self.refusals.append(Refusal(name, "path_escape", message))
        elif is_folder:
            message = (
                f"the link leads to the folder {target!r} inside the data folder. "
                "Its files are already listed there"
            )
            self.refusals.append(Refusal(name, "linked_folder", message))
        else:
            self._add(path, name, status)

    def _add(self, path: str, name: bytes, status: os.stat_result) -> None:
        if stat.S_ISREG(status.st_mode):
            self.files.append(FoundFile(name, path, status.st_size, status.st_mtime_ns))
        else:
            message = f"this is a {_kind(status.st_mode)}, not a regular file"
            self.refusals.append(Refusal(name, "not_a_file", message))

    def _refuse_unreadable(self, name: bytes, what: str, error: OSError) -> None:
        message = f"{what} cannot be read: {error.strerror}"
        self.refusals.append(Refusal(name, "open_failed", message))


def _kind(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "named pipe"
    return "socket" if stat.S_ISSOCK(mode) else "device"
