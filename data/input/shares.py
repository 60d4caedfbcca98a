"""Which shards each of several readers reads, so that together they read each shard once."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

# The largest share may have this many times the bytes of the smallest. A clip in a small share is used more often.
MAX_SIZE_RATIO = 1.25


def shard_shares(paths: Sequence[str], readers: int) -> list[list[str]] | None:
    """Divides shards among readers, so that the shares have about the same size in bytes.

    The result depends only on names and sizes, so all readers compute the same shares.

    Args:
        paths: The shards, all of one data set.
        readers: Number of readers.

    Returns:
        The sorted paths for each reader. None if there are fewer shards than readers, or if the largest share would
        have more than MAX_SIZE_RATIO times the bytes of the smallest. Then every reader must read all shards.
    """
    if len(paths) < readers:
        return None
    sizes = {path: int(tf.io.gfile.stat(path).length) for path in paths}
    shares: list[list[str]] = [[] for _ in range(readers)]
    totals = [0] * readers
    # The largest first, each to the share with the fewest bytes (longest processing time, Graham 1969).
    for path in sorted(paths, key=lambda path: (-sizes[path], path)):
        smallest = totals.index(min(totals))
        shares[smallest].append(path)
        totals[smallest] += sizes[path]
    if max(totals) > MAX_SIZE_RATIO * min(totals):
        return None
    return [sorted(share) for share in shares]
