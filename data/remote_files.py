"""Writing to addresses such as gs://bucket/name.

Beam writes files, because its object stores keep a MIME type. TensorFlow writes them where Beam has
no file system for the address. Folders use TensorFlow, because TensorFlow writes SavedModels to them.
"""

from __future__ import annotations

from contextlib import suppress

from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems

from mocogan.data.source.folder_contents import FileSystemUnavailable
from mocogan.data.source.remote_folder import check_file_system


def write(address: str, content: bytes, mime_type: str) -> None:
    """Writes a file. Raises OSError, or tf.errors.OpError."""
    if _beam_has(address):
        # The bytes are never compressed, even for names such as "a.gz".
        with FileSystems.create(address, mime_type, CompressionTypes.UNCOMPRESSED) as file:
            file.write(content)
        return
    import tensorflow as tf

    with tf.io.gfile.GFile(address, "wb") as file:
        file.write(content)


def rename(source: str, target: str) -> None:
    """Renames a file, or a folder that TensorFlow wrote. Replaces existing files.

    Object stores have no folders, so the files are renamed one by one. The top-level files come last.
    """
    if _beam_has(source) and FileSystems.exists(source):
        FileSystems.rename([source], [target])
        return
    import tensorflow as tf

    if not tf.io.gfile.isdir(source):
        tf.io.gfile.rename(source, target, overwrite=True)
        return
    for folder, _, names in tf.io.gfile.walk(source, topdown=False):
        target_folder = target + folder.rstrip("/").removeprefix(source)
        tf.io.gfile.makedirs(target_folder)
        for name in names:
            old, new = (tf.io.gfile.join(at, name) for at in (folder, target_folder))
            tf.io.gfile.rename(old, new, overwrite=True)
    tf.io.gfile.rmtree(source)


def make_folder(address: str) -> None:
    """Creates a folder and its parents."""
    import tensorflow as tf

    tf.io.gfile.makedirs(address)


def delete(address: str) -> None:
    """Deletes a file, or a folder that TensorFlow wrote. Ignores a missing path."""
    if _beam_has(address) and FileSystems.exists(address):
        FileSystems.delete([address])
        return
    import tensorflow as tf

    with suppress(tf.errors.NotFoundError):
        if tf.io.gfile.isdir(address):
            tf.io.gfile.rmtree(address)
        else:
            tf.io.gfile.remove(address)


def _beam_has(address: str) -> bool:
    try:
        check_file_system(address)
    except FileSystemUnavailable:
        return False
    return True
