from __future__ import annotations

import pytest

from mocogan.pipeline.config.loading import ConfigError
from mocogan.pipeline.experiments.ablation_variants import VARIANTS, Variant, choose_variants


def names(assignments: list[str]) -> set[str]:
    return {variant.name for variant in choose_variants(assignments)}


def test_every_variant_is_accepted_and_changes_something() -> None:
    assert {"non-saturating", "hinge", "no-r1", "no-r2", "no-ema", "image-frames-4"} < names([])
    assert len({variant.name for variant in VARIANTS}) == len(VARIANTS)


def test_options_of_other_architectures_are_left_out() -> None:
    assert {"palette-2", "no-palette", "film-layers-4"}.isdisjoint(names([]))
    assert {"no-palette", "film-layers-4"} < names(["trainer.model.architecture=palette"])


def test_the_default_is_left_out() -> None:
    before, after = (
        names([]),
        names(["trainer.loss.adversarial=hinge", "trainer.model.image_frames=4"]),
    )
    assert "relativistic" not in before >= {"hinge", "image-frames-4"}
    assert "hinge" not in after >= {"relativistic", "image-frames-1"}
    assert "image-frames-4" not in after


def test_changes_read_as_assignments() -> None:
    variant = Variant("two", {"loss.diff_augment": ["color"], "model.coord_planes": False})
    assert variant.assignments == [
        'trainer.loss.diff_augment=["color"]',
        "trainer.model.coord_planes=false",
    ]


@pytest.mark.parametrize(
    ("assignments", "only", "message"),
    [
        (["trainer.run.stepz=3"], [], "unknown key 'trainer.run.stepz'"),
        (  # Only options that the architecture does not have are left out.
            [
                "trainer.loss.r1_gamma=0",
                "trainer.loss.r2_gamma=0",
                "trainer.model.discriminator_norm=batch",
            ],
            [],
            "variant gamma-10: .*need per-sample gradients",
        ),
        ([], ["no-such"], "unknown variant no-such. The variants are another-seed, "),
        (
            ["trainer.model.architecture=seed"],
            ["image-frames-4"],
            "variant image-frames-4: .*image_frames=4 is not available in .*=seed, only in .*palette",
        ),
    ],
)
def test_faults_are_found_before_anything_runs(
    assignments: list[str], only: list[str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        choose_variants(assignments, only)
