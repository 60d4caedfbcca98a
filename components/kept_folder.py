"""A folder that stays when TFX deletes the outputs of a failed execution."""

from __future__ import annotations

import os


def kept_folder(output_uri: str, name: str) -> str:
    """Returns the folder `name` of a node, beside the folders of its outputs.

    The local engine and InteractiveContext store an output in `<pipeline root>/<node>/<output>/<execution>`, so all
    executions of the node share the folder. Kubeflow and Vertex have one folder per run: name a folder there.
    """
    return os.path.join(os.path.dirname(os.path.dirname(output_uri.rstrip("/"))), name)
