"""Vectors of words from a file of the user, to start the embedding of captions from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

_SHOWN = 10  # missing words


class WordVectors(NamedTuple):
    """Vectors of the words of captions."""

    vectors: np.ndarray  # [V, D] float32, zeros for a word that is missing
    missing: tuple[str, ...]  # words without a vector


def read_word_vectors(path: str, words: Sequence[str]) -> WordVectors:
    """Reads the vectors of `words` from a file, local or an address.

    Args:
        path: Text with a word and its numbers in each line, as GloVe and fastText write it. A first line with two
            whole numbers is skipped. Or a .npy file [N, D], with a text beside it that ends in .txt and has a word in
            each of its N lines.
        words: Words in lower case. Words of the file are compared in lower case too, and the first one counts.

    Raises:
        ValueError: The file has another form, or none of the words.
        OSError, tf.errors.OpError: It cannot be read.
    """
    places = {word: place for place, word in enumerate(words)}
    found: dict[int, np.ndarray] = {}
    entries = _npy_entries(path) if path.endswith(".npy") else _text_entries(path, places.keys())
    for word, vector in entries:
        place = places.get(word.lower())
        if place is not None:
            found.setdefault(place, vector)
    if not found:
        raise ValueError(
            f"trainer.model.word_vectors={path} has none of the {len(words)} words of the captions, such as "
            f"{', '.join(words[:_SHOWN])}"
        )
    vectors = np.zeros((len(words), len(next(iter(found.values())))), np.float32)
    for place, vector in found.items():
        vectors[place] = vector
    missing = tuple(word for place, word in enumerate(words) if place not in found)
    return WordVectors(vectors, missing)


def describe_missing(path: str, missing: Sequence[str], count: int) -> str:
    """One line about the words of `count` that have no vector in the file."""
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    named = f": {', '.join(missing[:_SHOWN])}{more}" if missing else ""
    found = f"{count - len(missing)} of {count} words of the captions"
    return f"{path} has vectors for {found}. Missing: {len(missing)}{named}"


def _text_entries(path: str, wanted: Collection[str]) -> Iterator[tuple[str, np.ndarray]]:
    length = None
    with tf.io.gfile.GFile(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            word, *numbers = line.decode("utf-8", "replace").rstrip().split(" ")
            if (number == 1 and len(numbers) == 1) or word.lower() not in wanted:
                continue
            try:
                vector = np.array(numbers, np.float32)
            except ValueError:
                vector = np.array([], np.float32)
            length = length or len(vector)
            if not len(vector) or len(vector) != length or not np.isfinite(vector).all():
                raise ValueError(
                    f"{path}, line {number}: this is not a word and {length or 'some'} numbers. Give a file in the "
                    "form of GloVe"
                )
            yield word, vector


def _npy_entries(path: str) -> Iterator[tuple[str, np.ndarray]]:
    names = f"{path.removesuffix('.npy')}.txt"
    if not tf.io.gfile.exists(names):
        raise ValueError(f"{path} needs {names} beside it, with a word in each line")
    with tf.io.gfile.GFile(path, "rb") as file:
        table = np.load(file, allow_pickle=False)
    with tf.io.gfile.GFile(names, "rb") as file:
        words = file.read().decode("utf-8", "replace").splitlines()
    if table.ndim != 2 or not np.issubdtype(table.dtype, np.floating) or len(table) != len(words):
        raise ValueError(
            f"{path} must be [N, D] floats with as many rows as {names} has lines, got {table.shape} {table.dtype} "
            f"and {len(words)} lines"
        )
    yield from zip(words, table.astype(np.float32), strict=True)
