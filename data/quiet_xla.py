"""Starts XLA, TensorFlow's compiler, without its messages."""

from __future__ import annotations

import functools
import os

import tensorflow as tf

from mocogan.data.verbosity import is_verbose


@functools.cache
def start_xla() -> None:
    """Compiles a small function while stderr is closed. XLA prints its start there, whatever the log level is.

    Call it before the first use of XLA on a CPU. It does nothing if MOCOGAN_VERBOSE is set.
    """
    if is_verbose():
        return
    stderr = os.dup(2)
    with open(os.devnull, "wb") as nowhere, tf.init_scope():
        os.dup2(nowhere.fileno(), 2)
        try:
            tf.function(tf.negative, jit_compile=True)(tf.zeros([]))
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
