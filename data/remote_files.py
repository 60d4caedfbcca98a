"""Writing to addresses such as gs://bucket/name.

Object stores have no folders and no renames, and an object appears whole when its writer closes it. So files are
written to their place, and a folder is made on this machine first and copied file by file.

On gs://, TensorFlow writes what TensorFlow reads: its client keeps the sizes of files for seconds, and would read a
file that Beam replaced meanwhile with its old size. Beam writes files with a MIME type, and all files of other stores.
"""

from __future__ import annotations

import os
import posixpath
from contextlib import suppress

from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems

from mocogan.data.source.folder_contents import FileSystemUnavailable
from mocogan.data.source.remote_folder import check_file_system

_GCS = "gs://"
_ANY_TYPE = "application/octet-stream"


def write(address: str, content: bytes, mime_type: str = _ANY_TYPE) -> None:
    """Writes a file. Raises OSError, or tf.errors.OpError."""
    for_tensorflow = address.startswith(_GCS) and mime_type == _ANY_TYPE
    if not for_tensorflow and _beam_has(address):
        # The bytes are never compressed, even for names such as "a.gz".
        with FileSystems.create(address, mime_type, CompressionTypes.UNCOMPRESSED) as file:
            file.write(content)
        return
    import tensorflow as tf

    with tf.io.gfile.GFile(address, "wb") as file:
        file.write(content)


def create(address: str, content: bytes) -> bool:
    """Writes a file unless it exists. Returns whether it was written.

    On gs://, only one of several processes at once succeeds. Other stores are asked first, which is not as safe.
    Raises OSError or tf.errors.OpError.
    """
    if address.startswith(_GCS):
        return _create_on_gcs(address, content)
    import tensorflow as tf

    if tf.io.gfile.exists(address):
        return False
    write(address, content)
    return True


def replace_folder(address: str, folder: str) -> None:
    """Replaces a folder at an address by the content of a local one.

    Files at the top are deleted first and written last, in the order of their names. So a reader that wants one of them
    finds all others too. Raises tf.errors.OpError.
    """
    import tensorflow as tf

    delete_folder(address)
    files = [
        os.path.relpath(os.path.join(place, name), folder)
        for place, _, names in os.walk(folder)
        for name in names
    ]
    for name in sorted(files, key=lambda name: (os.sep not in name, name)):
        target = posixpath.join(address, *name.split(os.sep))
        tf.io.gfile.makedirs(posixpath.dirname(target))
        tf.io.gfile.copy(os.path.join(folder, name), target, overwrite=True)


def delete_folder(address: str) -> None:
    """Deletes a folder, the files at its top first. Ignores a missing one. Raises tf.errors.OpError."""
    import tensorflow as tf

    if not tf.io.gfile.isdir(address):
        return
    for name in tf.io.gfile.listdir(address):
        path = posixpath.join(address, name)
        if not tf.io.gfile.isdir(path):
            tf.io.gfile.remove(path)
    with suppress(tf.errors.NotFoundError):  # a folder without files does not exist
        tf.io.gfile.rmtree(address)


def _create_on_gcs(address: str, content: bytes) -> bool:
    from apache_beam.io.gcp.gcsio import create_storage_client, parse_gcs_path
    from apache_beam.options.pipeline_options import PipelineOptions
    from google.api_core.exceptions import GoogleAPICallError, PreconditionFailed
    from google.auth.exceptions import GoogleAuthError

    bucket, name = parse_gcs_path(address)
    blob = create_storage_client(PipelineOptions([])).bucket(bucket).blob(name)
    try:
        blob.upload_from_string(content, if_generation_match=0)  # 0: no such object
    except PreconditionFailed:
        return False
    except (GoogleAPICallError, GoogleAuthError) as error:
        raise OSError(f"cannot write {address}: {error}") from error
    return True


def _beam_has(address: str) -> bool:
    try:
        check_file_system(address)
    except FileSystemUnavailable:
        return False
    return True
