from __future__ import annotations

import json

import pytest

from benchmarks.training import sample_once, sample_roofline
from benchmarks.training.sample import ratios

TINY = [
    word
    for pair in ("trainer.model.base_channels=4", "ingest.size=16", "ingest.num_frames=4")
    for word in ("--set", pair)
]
SIZES = ["--clips", "2", "--calls", "1", *TINY]


@pytest.mark.exhaustive
def test_an_exported_model_is_timed(capsys: pytest.CaptureFixture[str]) -> None:
    sample_once.main(["paper", "--dtype", "bfloat16", *SIZES])
    results = json.loads(capsys.readouterr().out)
    assert (results["name"], results["dtype"], results["clips"]) == ("paper", "bfloat16", 2)
    assert results["clips_per_sec"] > 0
    assert results["clips_per_sec"] == pytest.approx(2 / results["sec_per_call"], rel=0.05)


@pytest.mark.parametrize("dtype", sample_once.DTYPES)
def test_convolutions_have_a_rate(dtype: str, capsys: pytest.CaptureFixture[str]) -> None:
    sample_roofline.main(["--dtype", dtype, *SIZES])
    results = json.loads(capsys.readouterr().out)
    rates = [results["together_clips_per_sec"], results["alone_clips_per_sec"]]
    assert results["clips_per_sec"] == max(rates)
    assert min(rates) > 0


def test_ratios_are_of_the_same_precision() -> None:
    rates = {
        "paper_bfloat16": 90.0,
        "paper_float32": 40.0,
        "convolutions_bfloat16": 100.0,
        "convolutions_float32": 50.0,
    }
    rounds = [{side: {"clips_per_sec": rate} for side, rate in rates.items()}]
    found = ratios(rounds)
    assert found["paper_vs_convolutions_bfloat16"] == 0.9
    assert found["paper_vs_convolutions_float32"] == 0.8
    assert found["paper_vs_torch_bfloat16"] is None
    assert found["paper_float32_clips_per_second"] == 40.0
