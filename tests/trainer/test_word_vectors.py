from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mocogan.trainer.word_vectors import describe_missing, read_word_vectors

WORDS = ("a", "red", "disc")


def test_glove_text_gives_vectors_and_names_missing_words(tmp_path: Path) -> None:
    path = tmp_path / "glove.txt"
    path.write_text("3 2\nRed 1 -2.5\nother 9 9\na 0.5 0\nred 7 7\n")
    vectors, missing = read_word_vectors(str(path), WORDS)
    np.testing.assert_array_equal(vectors, np.float32([[0.5, 0], [1, -2.5], [0, 0]]))
    assert missing == ("disc",)
    line = describe_missing("glove.txt", missing, len(WORDS))
    assert line == "glove.txt has vectors for 2 of 3 words of the captions. Missing: 1: disc"


def test_an_array_has_its_words_beside_it(tmp_path: Path) -> None:
    np.save(tmp_path / "table.npy", np.array([[1.0, 2], [3, 4]]))
    path = str(tmp_path / "table.npy")
    with pytest.raises(ValueError, match=r"needs .*table.txt beside it"):
        read_word_vectors(path, WORDS)
    (tmp_path / "table.txt").write_text("disc\nother\n")
    vectors, missing = read_word_vectors(path, WORDS)
    np.testing.assert_array_equal(vectors, np.float32([[0, 0], [0, 0], [1, 2]]))
    assert missing == ("a", "red")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("red 1 2\na 1\n", "line 2: this is not a word and 2 numbers"),
        ("red 1 x\n", "line 1: this is not a word and some numbers"),
        ("red 1 nan\n", "line 1"),
        ("red\n", "line 1"),
        ("other 1 2\n", "none of the 3 words of the captions, such as a, red, disc"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "glove.txt"
    path.write_text(content)
    with pytest.raises(ValueError, match=message):
        read_word_vectors(str(path), WORDS)
