"""Names the variables of a module, so that a saved module can be matched with a new one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import tensorflow as tf


def named_variables(module: tf.Module) -> dict[str, tf.Variable]:
    """Return all variables in `module` by attribute path, for example `frames/project/kernel`."""
    return {"/".join(path): variable for path, variable in _walk(module, ())}


def _walk(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], tf.Variable]]:
    if isinstance(node, tf.Variable):
        yield path, node
    elif isinstance(node, tf.Module):
        for name, child in sorted(vars(node).items()):
            yield from _walk(child, (*path, name))
    elif isinstance(node, list | tuple):
        for number, child in enumerate(node):
            yield from _walk(child, (*path, str(number)))
