"""Sound files made unsound."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.support.corpus.boundaries import boundaries

NUM_OTHER_CUTS = 50
NUM_SEEDS = 50
NUM_FLIPPED = 8


def truncations(content: bytes, container: str) -> Iterator[tuple[str, bytes]]:
    """The file cut off at every boundary of its parts and at NUM_OTHER_CUTS other places."""
    at_parts = boundaries(content, container)
    elsewhere = np.setdiff1d(np.arange(1, len(content)), at_parts)
    spread = np.linspace(0, len(elsewhere) - 1, NUM_OTHER_CUTS).round().astype(int)
    for offset in sorted({*at_parts, *elsewhere[spread].tolist()}):
        yield f"cut at {offset}", content[:offset]


def flips(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The file with NUM_FLIPPED bytes changed, by NUM_SEEDS seeds."""
    for seed in range(NUM_SEEDS):
        random = np.random.default_rng(seed)
        damaged = np.frombuffer(content, np.uint8).copy()
        places = random.choice(len(content), NUM_FLIPPED, replace=False)
        damaged[places] ^= random.integers(1, 256, NUM_FLIPPED, np.uint8)
        yield f"seed {seed}", damaged.tobytes()
