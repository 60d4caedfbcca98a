"""Captions of training clips as texts, for the description of a model."""

from __future__ import annotations

from mocogan.trainer.state import TrainingState

_EXAMPLES = 64


def example_captions(state: TrainingState) -> tuple[str, ...]:
    """Different captions of the first clips of a training, without those that have unknown words.

    Empty for a model without captions.
    """
    if state.caption_tokens is None or state.vocabulary is None:
        return ()
    names = dict(enumerate(state.vocabulary.words, start=1))
    rows = ([int(token) for token in row if token] for row in state.caption_tokens.numpy())
    texts = (
        " ".join(names[token] for token in row) for row in rows if all(t in names for t in row)
    )
    return tuple(dict.fromkeys(filter(None, texts)))[:_EXAMPLES]
