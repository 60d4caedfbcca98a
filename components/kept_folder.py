"""Folders that stay when TFX deletes the outputs of a failed execution."""

from __future__ import annotations

import os


def kept_folder(output_uri: str, name: str) -> str:
    """Returns the folder `name` of a node, beside the folders of its outputs.

    The local engine and InteractiveContext store an output in `<pipeline root>/<node>/<output>/<execution>`, so all
    executions of the node share the folder. Kubeflow and Vertex have one folder per run: name a folder there.
    """
    return os.path.join(os.path.dirname(os.path.dirname(output_uri.rstrip("/"))), name)


def check_folder(argument: str, folder: str | None) -> None:
    """Checks an argument that names such a folder.

    Raises:
        ValueError: It is neither None nor the name of a folder.
    """
    if folder is not None and not (isinstance(folder, str) and folder):
        raise ValueError(
            f"{argument}={folder!r} must be a folder, as a string, or None for the default"
        )
