"""Galleries of captions: rows are captions, columns are seeds. In the second one, rows differ in one word."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from mocogan.components.video_evaluator.galleries.names import CAPTIONS, WORDS
from mocogan.components.video_evaluator.report import Gallery
from mocogan.components.video_evaluator.sampling import ClipLatents, ClipModel
from mocogan.trainer.contract import ANY_CATEGORY

_SEEDS = 4
_CAPTIONS = 6
_CHANGES = 7  # beside the first caption

_EDGE = ""  # in place of the word before the first one and after the last one


def caption_galleries(model: ClipModel, seed: int) -> list[tuple[Gallery, ClipLatents]]:
    """What to draw: captions of the training, and one caption whose words change. Empty without captions.

    All clips of a column have the same latents, so only the caption differs. Raises OutputContractError if a signature
    fails.
    """
    examples = model.description.example_captions if model.description else ()
    if not model.has_captions or not examples:
        return []
    parts = [_rows_of(model, CAPTIONS, _spread(examples, _CAPTIONS), seed)]
    changes = word_changes(examples, _CHANGES)
    return [*parts, _rows_of(model, WORDS, changes, seed)] if len(changes) > 1 else parts


def word_changes(captions: Sequence[str], most: int) -> list[str]:
    """A caption, and at most `most` captions that differ from it in one word.

    A word is replaced by others that stand between the same neighbors in any of the captions. The caption with the most
    replaceable words is taken. Places take turns.
    """
    between: dict[tuple[str, str], list[str]] = {}
    for caption in captions:
        for before, word, after in _triples(caption.split()):
            found = between.setdefault((before, after), [])
            if word not in found:
                found.append(word)

    def others(caption: str) -> list[list[str]]:
        words = caption.split()
        return [
            [
                " ".join([*words[:place], other, *words[place + 1 :]])
                for other in between[before, after]
                if other != word
            ]
            for place, (before, word, after) in enumerate(_triples(words))
        ]

    first = max(captions, key=lambda caption: sum(map(bool, others(caption))))
    turns = itertools.zip_longest(*others(first))
    changed = [caption for turn in turns for caption in turn if caption]
    return [first, *changed[:most]]


def _triples(words: list[str]) -> list[tuple[str, str, str]]:
    """Each word between its neighbors."""
    return list(zip([_EDGE, *words[:-1]], words, [*words[1:], _EDGE], strict=True))


def _spread(captions: Sequence[str], most: int) -> list[str]:
    """At most `most` captions, from the whole list."""
    places = np.linspace(0, len(captions) - 1, min(most, len(captions))).round().astype(int)
    return [captions[place] for place in places]


def _rows_of(
    model: ClipModel, name: str, captions: Sequence[str], seed: int
) -> tuple[Gallery, ClipLatents]:
    seeds = range(seed, seed + _SEEDS)
    rows = [
        model.latents(seeds, ANY_CATEGORY, model.clip_shape[0], [caption] * len(seeds))
        for caption in captions
    ]
    gallery = Gallery(
        name=name,
        clips=len(captions) * len(seeds),
        columns=len(seeds),
        row_names=tuple(captions),
        column_names=tuple(f"seed {number}" for number in seeds),
    )
    return gallery, ClipLatents(*(np.concatenate(parts) for parts in zip(*rows, strict=True)))
