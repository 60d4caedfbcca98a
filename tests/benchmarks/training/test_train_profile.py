from __future__ import annotations

import json

import pytest

from benchmarks.training.train_profile import IDLE, Kernel, group_of, main, time_by_kind


def test_kernels_that_run_at_once_share_the_time() -> None:
    kernels = [Kernel("Conv3D", 10, 30), Kernel("Relu", 20, 40), Kernel("Conv3D", 25, 35)]
    # 10-20 Conv3D; 20-25 both; 25-30 two of Conv3D and Relu; 30-35 both; 35-40 Relu.
    assert time_by_kind(kernels) == pytest.approx(
        {"Conv3D": 10 + 2.5 + 5 * 2 / 3 + 2.5, "Relu": 2.5 + 5 / 3 + 2.5 + 5}
    )


def test_time_without_kernels_is_nobodys() -> None:
    assert time_by_kind([Kernel("Cast", 0, 5), Kernel("Cast", 105, 110)]) == {"Cast": 10}


@pytest.mark.parametrize(
    ("kind", "group"),
    [
        ("Conv3DBackpropFilterV2", "convolutions, matrix products"),
        ("_FusedMatMul", "convolutions, matrix products"),
        ("FusedBatchNormGradV3", "batch norm"),
        ("Fused", "fused element-wise kernels"),
        ("ResourceApplyAdam", "optimizer, averages"),
        ("StridedSlice", "casts, copies, pads"),
        ("Tanh", "other kernels"),
    ],
)
def test_groups(kind: str, group: str) -> None:
    assert group_of(kind) == group


@pytest.mark.exhaustive
def test_shares_of_a_step_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    settings = ["trainer.model.base_channels=4", "ingest.size=16", "ingest.num_frames=4"]
    main(["paper", "--batch", "2", *(word for pair in settings for word in ("--set", pair))])
    found = json.loads(capsys.readouterr().out)
    if "unreadable" in found:
        pytest.skip(found["unreadable"])
    assert sum(found["groups"].values()) == pytest.approx(1, abs=1e-6)
    assert IDLE in found["groups"]
    kinds = found["kinds"]
    assert {"Fused", "FusedBatchNormV3"} & set(kinds)
    assert all(0 <= share <= 1 for share in kinds.values())
    assert list(kinds.values()) == sorted(kinds.values(), reverse=True)
