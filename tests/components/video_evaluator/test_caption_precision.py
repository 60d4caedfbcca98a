"""R-precision of captions: against models that draw what is asked for, and against models that do not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from mocogan.components.video_evaluator.caption_precision import (
    CAPTION_R_PRECISION,
    caption_precision,
)
from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.evaluation import evaluate_model
from mocogan.components.video_evaluator.real_data import ClipFormat, RealData, read_real_data
from mocogan.data.input.selected_clips import NO_CAPTION
from mocogan.data.records.keys import EVAL, TRAIN
from mocogan.data.synthetic.captioned_shapes import all_combinations, caption_of, captioned_clips
from mocogan.evaluation.caption_matcher import CANDIDATES
from mocogan.evaluation.feature_cache import FeatureCache
from tests.support.captions import export_captioned
from tests.support.evaluation_inputs import write_records
from tests.support.model_description import DESCRIPTION

FRAMES, SIZE = 4, 16
HELD_OUT, TRAINING = 100, 400
BY_CAPTION = {caption_of(each): each for each in all_combinations()}


def draw(captions: Sequence[str]) -> np.ndarray:
    """What a perfect model draws."""
    return captioned_clips([BY_CAPTION[caption] for caption in captions], 2, FRAMES, SIZE)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> RealData:
    """Shapes with captions, read from files as an evaluation does."""
    folder, files = tmp_path_factory.mktemp("examples"), {}
    for seed, (split, count) in enumerate([(EVAL, HELD_OUT), (TRAIN, TRAINING)]):
        combinations = list(BY_CAPTION.values())
        chosen = np.random.default_rng(seed).integers(len(combinations), size=count)
        asked = [combinations[n] for n in chosen]
        clips = captioned_clips(asked, seed, FRAMES, SIZE)
        captions = [f"{caption_of(each)}\n{caption_of(each, 1)}" for each in asked]
        files[split] = write_records(folder, split, clips, captions=captions)
    return read_real_data(files, ClipFormat(FRAMES, SIZE, "area"), HELD_OUT, 0)


def test_clips_that_show_their_captions_are_like_real_ones(real: RealData) -> None:
    found = caption_precision(draw, real)
    assert found.value is not None
    assert found.real is not None
    assert found.low is not None
    assert found.high is not None
    assert found.real > 0.3
    assert abs(found.value - found.real) < 0.2
    assert found.low < found.value < found.high
    assert found.note == f"chance is {1 / CANDIDATES:.3f}"


def test_clips_of_other_captions_are_near_chance(real: RealData) -> None:
    found = caption_precision(lambda captions: draw([*captions[1:], captions[0]]), real)
    assert found.value is not None
    assert found.value < 5 / CANDIDATES


def test_captions_that_say_nothing_are_noted(real: RealData) -> None:
    random = np.random.default_rng(0)
    mixed = real._replace(
        training=real.training._replace(captions=random.permutation(real.training.captions)),
        held_out=real.held_out._replace(captions=random.permutation(real.held_out.captions)),
    )
    assert caption_precision(draw, mixed).note.endswith("does not tell real clips apart")


def test_few_different_captions_leave_few_candidates(real: RealData) -> None:
    two = list(BY_CAPTION)[:2]
    few = real._replace(
        training=real.training._replace(captions=np.array(two * (TRAINING // 2), object)),
        held_out=real.held_out._replace(captions=np.array(two * (HELD_OUT // 2), object)),
    )
    found = caption_precision(draw, few)
    assert "better than 1 others" in found.protocol
    assert found.note.startswith("chance is 0.500")


@pytest.mark.parametrize("part", ["held_out", "training"])
def test_clips_without_captions_are_not_measured(real: RealData, part: str) -> None:
    clips = getattr(real, part)
    without = clips._replace(captions=np.full(len(clips.captions), NO_CAPTION, object))
    found = caption_precision(draw, real._replace(**{part: without}))
    assert found.value is None
    assert found.note == "too few real clips have different captions"


def test_an_evaluation_measures_a_model_that_reads_captions(tmp_path: Path) -> None:
    model, asked = export_captioned(str(tmp_path / "model")), all_combinations()
    files = {
        split: write_records(
            tmp_path,
            split,
            captioned_clips(asked[:count], count, *DESCRIPTION.clip_shape[:2]),
            captions=[caption_of(each) for each in asked[:count]],
        )
        for split, count in ((EVAL, 8), (TRAIN, 16))
    }
    config = EvaluatorConfig(gif_clips=2, embedding_steps=0, motion_control=False)
    evaluation = evaluate_model(model, None, files, config, FeatureCache(None))
    found = evaluation.report.metrics[CAPTION_R_PRECISION]
    assert found.value is not None
    assert found.real is not None
    assert "better than 15 others" in found.protocol
