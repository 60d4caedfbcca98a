from __future__ import annotations

import pytest
import tensorflow as tf

from mocogan.data.input.captions import (
    MAX_CAPTIONS,
    MAX_WORDS,
    NUM_UNKNOWN_IDS,
    CaptionReader,
    first_words,
    known_words,
    split_captions,
)


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("A small,red square!", "a small red square"),
        ("left-to-right", "left to right"),
        ("ÉCOLE été", "école été"),
        ("the man's 2nd try", "the man s 2nd try"),
        ("a\u00a0b\tc", "a b c"),
        ("漢字 слово", "漢字 слово"),
        ("?! …", ""),
        ("", ""),
        (b"bad \xff byte", "bad byte"),
    ],
)
def test_words_are_lower_case_without_punctuation(caption: str | bytes, words: str) -> None:
    [found] = first_words(tf.constant([caption])).numpy()
    assert b" ".join(found).decode().strip() == words


def test_words_after_the_last_one_are_cut_off() -> None:
    words = first_words(tf.constant([" ".join(f"w{n}" for n in range(1000)), "one"]))
    assert words.shape[1] == MAX_WORDS
    assert words[0, -1] == f"w{MAX_WORDS - 1}".encode()
    assert words[1, 1:].numpy().tolist() == [b""] * (MAX_WORDS - 1)


def test_lines_are_captions_and_empty_ones_are_left_out() -> None:
    many = "\n".join(map(str, range(MAX_CAPTIONS + 2)))
    captions = split_captions(tf.constant(["one\n \n\ntwo\r\n", "", many])).numpy()
    assert [caption.strip() for caption in captions[0][:3]] == [b"one", b"two", b""]
    assert set(captions[1]) == {b""}
    assert captions[2].tolist() == [b"%d" % number for number in range(MAX_CAPTIONS)]


def test_ids_are_places_from_one_and_unknown_words_follow() -> None:
    [ids] = CaptionReader(["a", "red", "square"])(tf.constant(["A red hexagon, red"])).numpy()
    assert ids[:2].tolist() == [1, 2]
    assert 4 <= ids[2] < 4 + NUM_UNKNOWN_IDS
    assert ids[3:].tolist() == [2] + [0] * (MAX_WORDS - 4)


def test_a_vocabulary_of_no_captions_has_no_words() -> None:
    assert known_words([b"49d0cd50-04bb-48c0-bc6f-5b575dce351a"]) == ()
    assert known_words([b"a", "été".encode()]) == ("a", "été")
