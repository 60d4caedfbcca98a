"""What the run of captions measures, on a model that draws exactly what captions say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from mocogan.data.synthetic.captioned_shapes import (
    Attributes,
    all_combinations,
    caption_of,
    captioned_clips,
)
from mocogan.pipeline.experiments.text.shapes import shape_figures
from mocogan.pipeline.experiments.text.table import as_markdown

_BY_CAPTION = {
    caption_of(each, wording): each for each in all_combinations() for wording in range(5)
}


class _Exact:
    """Draws captions exactly, except that it takes blue for red."""

    clip_shape = (4, 32, 32, 3)

    def sample_captions(self, captions: Sequence[str], seed: int) -> np.ndarray:
        asked = [_BY_CAPTION[caption] for caption in captions]
        return self._draw([a._replace(color="red") if a.color == "blue" else a for a in asked])

    def sample(self, count: int, clip_shape: tuple[int, ...], seed: int) -> np.ndarray:
        combinations = all_combinations()
        return self._draw([combinations[n % len(combinations)] for n in range(count)])

    def _draw(self, asked: list[Attributes]) -> np.ndarray:
        num_frames, size, _, _ = self.clip_shape
        return captioned_clips(asked, 5, num_frames, size)


@pytest.mark.exhaustive
def test_an_exact_model_agrees_in_all_but_its_fault() -> None:
    figures = shape_figures(_Exact())  # type: ignore[arg-type]
    for part in ("seen", "held_out"):
        found = figures[part]
        assert found["real"]["all"] > 0.9
        for name in ("size", "form", "direction"):
            assert found["generated"][name] == pytest.approx(found["real"][name], abs=0.05)
        assert found["detection_rate"] > 0.95
        assert found["chance"]["all"] == pytest.approx(1 / 144)
        assert found["r_precision_chance"] == 1 / 32
    assert figures["seen"]["generated"]["color"] == pytest.approx(5 / 6, abs=0.03)
    assert figures["seen"]["r_precision_real"] > 0.5
    assert figures["seen"]["chance"]["direction"] == pytest.approx(1 / 4, abs=0.02)
    table = as_markdown({"shapes": {"steps": 7, **figures}})
    assert table.startswith(
        "shapes: 7 steps\n\n|  | in training | held out | real clips | chance |\n"
    )
    assert f"| color | {figures['seen']['generated']['color']:.3f} |" in table


def test_a_table_of_digits() -> None:
    found = {"steps": 3, "as_asked": 0.5, "as_asked_real": 0.96, "as_asked_chance": 0.1}
    assert "| digit as said | 0.500 | 0.960 | 0.100 |\n" in as_markdown({"digits": found})
