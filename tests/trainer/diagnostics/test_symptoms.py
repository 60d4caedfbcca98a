from __future__ import annotations

import pytest

from mocogan.trainer.diagnostics.symptoms import balanced, symptoms

# Of a healthy training of shape motion.
HEALTHY = {
    "video_roc_auc": 0.99,
    "video_logit_gap": 2.5,
    "video_loss_ratio": 0.14,
    "image_roc_auc": 0.92,
    "image_logit_gap": 1.3,
    "image_loss_ratio": 0.57,
    "generator_gradient": 2.8,
    "discriminator_gradient": 7.1,
    "diversity_ratio": 0.93,
    "rms_motion_ratio": 0.64,
    "contrast_ratio": 0.88,
    "nearest_ratio": 0.99,
    "brightness_generated": 15.3,
    "flicker_generated": 0.16,
    "flicker_real": -0.04,
    "unaveraged_diversity_ratio": 0.94,
    "unaveraged_contrast_ratio": 0.89,
}


def test_a_healthy_training_has_none() -> None:
    assert symptoms(HEALTHY) == []


def test_what_was_not_measured_shows_nothing() -> None:
    assert symptoms({}) == []
    assert not balanced({})


@pytest.mark.parametrize(
    ("changes", "ailment", "text"),
    [
        (
            {"video_roc_auc": 1.0, "video_loss_ratio": 0.009, "video_logit_gap": 11.1},
            "saturation",
            "the video discriminator has won: ROC AUC 1.00, logit gap 11.1, its loss is 0.9% of the loss of a random "
            "guess",
        ),
        (
            {"image_roc_auc": 0.96, "image_loss_ratio": 0.04},
            "saturation",
            "the image discriminator has won: ROC AUC 0.96, logit gap 1.3, its loss is 4.0% of the loss of a random "
            "guess",
        ),
        (
            {"diversity_ratio": 0.02},
            "collapse",
            "mode collapse is likely: distance between samples is 0.02x that of real clips",
        ),
        (
            {"rms_motion_ratio": 0.05},
            "frozen",
            "motion is frozen: change between frames is 0.05x that of real clips",
        ),
        (
            {"flicker_generated": 0.5},
            "flicker",
            "samples flicker: each frame undoes 0.50 of the last change, real frames -0.04",
        ),
        (
            {"nearest_ratio": 0.01},
            "memorized",
            "clips of the batch are memorized: distance to the nearest real clip is 0.01x that between real clips",
        ),
        (
            {
                "contrast_ratio": 0.01,
                "brightness_generated": 1.3,
                "diversity_ratio": 0.0,
                "rms_motion_ratio": 0.0,
            },
            "blank",
            "samples are black: contrast is 0.01x that of real clips",
        ),
        (
            {
                "contrast_ratio": 0.01,
                "brightness_generated": 153.0,
                "unaveraged_contrast_ratio": 0.02,
            },
            "blank",
            "samples are of one color: contrast is 0.01x that of real clips",
        ),
        (
            {"generator_gradient": 1e-9},
            "starving",
            "the generator gets no gradient: typical norm 1e-09",
        ),
        (
            {"discriminator_gradient": 2e5},
            "exploding",
            "discriminator gradients explode: typical norm 2e+05",
        ),
    ],
)
def test_each_is_named_by_its_figure(changes: dict[str, float], ailment: str, text: str) -> None:
    # Without the unaveraged ones, so that it is not the average's fault.
    figures = {k: v for k, v in HEALTHY.items() if not k.startswith("unaveraged")} | changes
    assert symptoms(figures) == [(ailment, text)]


def test_an_average_that_hides_a_good_generator_is_named_instead() -> None:
    [symptom] = symptoms(
        HEALTHY | {"contrast_ratio": 0.05, "diversity_ratio": 0.05, "rms_motion_ratio": 0.0}
    )
    assert symptom.ailment == "lagging"
    assert symptom.text == (
        "the EMA generator lags behind: contrast is 0.05x that of real clips, 0.89x without averaging"
    )


def test_a_discriminator_that_loses_nothing_but_is_fooled_has_not_won() -> None:
    assert symptoms(HEALTHY | {"video_roc_auc": 0.9, "video_loss_ratio": 0.01}) == []


def test_two_at_once_are_both_named() -> None:
    seen = symptoms(
        HEALTHY | {"rms_motion_ratio": 0.0, "video_roc_auc": 1.0, "video_loss_ratio": 0.01}
    )
    assert [symptom.ailment for symptom in seen] == ["saturation", "frozen"]


def test_balance_is_lost_when_one_side_wins() -> None:
    assert balanced(HEALTHY)
    assert not balanced(HEALTHY | {"image_loss_ratio": 0.08})
