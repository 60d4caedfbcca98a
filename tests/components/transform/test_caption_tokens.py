"""Captions through tf.Transform: the vocabulary of the training captions, and ids of words."""

import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.input.captions import (
    MAX_CAPTIONS,
    MAX_WORDS,
    NUM_UNKNOWN_IDS,
    CaptionReader,
    known_words,
)
from mocogan.data.records import keys as records
from mocogan.data.records.clip import Clip
from mocogan.data.records.clip_record import clip_to_record

NUM_FRAMES, SIZE = 2, 8
CAPTIONS = ("A red square.\na square, red", "a disc", "")


def serialized(caption):
    clip = Clip(np.zeros((NUM_FRAMES, SIZE, SIZE, 3), np.uint8), index=0, start_seconds=0.0)
    return clip_to_record(clip, b"a.mp4", b"", caption.encode())


@pytest.fixture(scope="module")
def graph(analyze):
    return analyze([serialized(text) for text in CAPTIONS], NUM_FRAMES, SIZE, captions=True)


def test_the_vocabulary_has_the_words_by_falling_frequency(graph):
    words = known_words(graph.vocabulary_by_name(records.CAPTION_VOCABULARY))
    assert words == ("a", "square", "red", "disc")


def test_a_video_has_ids_of_all_its_captions(graph, transformed):
    tokens = transformed(graph, [serialized(text) for text in CAPTIONS])[records.TOKENS]
    assert tokens.shape == (len(CAPTIONS), MAX_CAPTIONS, MAX_WORDS)
    assert tokens.dtype == np.int64
    assert tokens[0, :2, :4].tolist() == [[1, 3, 2, 0], [1, 2, 3, 0]]
    assert tokens[1, 0, :3].tolist() == [1, 4, 0]
    assert not tokens[1, 1:].any()
    assert not tokens[2].any()


def test_an_exported_reader_gives_the_same_ids(graph, transformed):
    caption = "A RED hexagon, and a disc of 12 more: words"
    [[expected, *_]] = transformed(graph, [serialized(caption)])[records.TOKENS]
    reader = CaptionReader(known_words(graph.vocabulary_by_name(records.CAPTION_VOCABULARY)))
    assert reader(tf.constant([caption])).numpy().tolist() == [expected.tolist()]
    assert expected.max() <= 4 + NUM_UNKNOWN_IDS


@pytest.mark.exhaustive
def test_without_captions_there_are_no_ids_of_words(analyze, transformed):
    graph = analyze([serialized("")], NUM_FRAMES, SIZE, captions=True)
    assert known_words(graph.vocabulary_by_name(records.CAPTION_VOCABULARY)) == ()
    assert not transformed(graph, [serialized("")])[records.TOKENS].any()
    assert records.TOKENS not in transformed(
        analyze([serialized("a")], NUM_FRAMES, SIZE), [serialized("a")]
    )
