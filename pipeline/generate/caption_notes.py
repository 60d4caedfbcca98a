"""What a model makes of a caption: words that it does not know, and what it cannot read at all."""

from __future__ import annotations

import difflib

import tensorflow as tf

from mocogan.components.video_evaluator.sampling import ClipModel
from mocogan.data.input.captions import MAX_WORDS, all_words
from mocogan.pipeline.generate.clip_source import CannotDraw

_SHOWN = 10  # words in a message
_NEAR = 2


def caption_notes(model: ClipModel, caption: str) -> tuple[str, ...]:
    """Checks a caption before clips are drawn.

    Returns:
        Notes for the user: which words are unknown, with near ones, and how many are cut off.

    Raises:
        CannotDraw: The model has no captions, or the caption has no word that the model knows.
    """
    if not model.has_captions:
        raise CannotDraw(
            f"the model in {model.path} was trained without captions, so it has no use for --caption. "
            "Train one with preset text, or with trainer.model.use_captions=true"
        )
    words = [word.decode() for word in all_words(tf.constant([caption.encode()]))[0].numpy()]
    read, known = words[:MAX_WORDS], set(model.words)
    unknown = [word for word in dict.fromkeys(read) if word not in known]
    if len(unknown) == len(set(read)):
        raise CannotDraw(
            f"the model knows no word of --caption {_shortened(caption)!r}. Its {len(model.words)} words: "
            f"{_listed(list(model.words))}"
        )
    notes = []
    if unknown:
        named = [_with_near_words(word, model.words) for word in unknown]
        what = "a word" if len(unknown) == 1 else f"{len(unknown)} words"
        notes.append(f"the model does not know {what} of the caption: {_listed(named)}")
    if len(words) > MAX_WORDS:
        notes.append(
            f"the caption has {len(words)} words. The model reads the first {MAX_WORDS}, up to {read[-1]!r}"
        )
    return tuple(notes)


def _with_near_words(word: str, words: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, words, n=_NEAR)
    return f"{_shortened(word)} (near: {', '.join(near)})" if near else _shortened(word)


def _listed(texts: list[str]) -> str:
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return f"{', '.join(texts[:_SHOWN])}{more}"


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
