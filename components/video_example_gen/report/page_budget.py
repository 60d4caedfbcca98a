"""Chooses the thumbnails that fit into a page of limited size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

Key = TypeVar("Key")
Item = TypeVar("Item")


def items_that_fit(
    items: Mapping[Key, Sequence[Item]], size: Callable[[Item], int], budget: int
) -> dict[Key, list[Item]]:
    """Takes the first item of each key, then the second of each key and so on, until one does not fit.

    Args:
        items: The items of each key. Important ones come first, in the mapping and in each sequence.
        size: The bytes of an item.
        budget: Maximum sum of the sizes in bytes.

    Returns:
        The taken items of each key, in their order. A key may have none.
    """
    taken: dict[Key, list[Item]] = {key: [] for key in items}
    for key, item in _in_rounds(items):
        budget -= size(item)
        if budget < 0:
            break
        taken[key].append(item)
    return taken


def _in_rounds(items: Mapping[Key, Sequence[Item]]) -> Iterator[tuple[Key, Item]]:
    for number in range(max(map(len, items.values()), default=0)):
        for key, sequence in items.items():
            if number < len(sequence):
                yield key, sequence[number]
