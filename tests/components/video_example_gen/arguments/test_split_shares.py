from __future__ import annotations

import pytest
from tfx.proto.example_gen_pb2 import Output, SplitConfig

from mocogan.components.video_example_gen.arguments.split_shares import (
    eval_fraction_of,
    train_and_eval,
)


def output(*splits: tuple[str, int], **settings: str) -> Output:
    made = [SplitConfig.Split(name=name, hash_buckets=buckets) for name, buckets in splits]
    return Output(split_config=SplitConfig(splits=made, **settings))


def test_shares_are_whole_numbers() -> None:
    assert train_and_eval(0.1) == output(("train", 9), ("eval", 1))
    assert train_and_eval(0.25) == output(("train", 3), ("eval", 1))


@pytest.mark.parametrize("fraction", [0.1, 0.3, 0.12345, 0.001, 1 / 3, 0.999])
def test_the_share_comes_back(fraction: float) -> None:
    assert eval_fraction_of(train_and_eval(fraction)) == fraction


@pytest.mark.parametrize("fraction", [1e-15, 1 - 1e-15])
def test_no_split_is_left_out(fraction: float) -> None:
    assert 0 < eval_fraction_of(train_and_eval(fraction)) < 1
    assert eval_fraction_of(train_and_eval(fraction)) == pytest.approx(fraction, abs=1e-9)


def test_the_order_of_the_splits_and_the_video_as_their_feature_change_nothing() -> None:
    given = output(("eval", 1), ("train", 2), partition_feature_name="video_id")
    assert eval_fraction_of(given) == 1 / 3


@pytest.mark.parametrize("fraction", [0, 1, -0.5, 2])
def test_a_share_is_between_0_and_1(fraction: float) -> None:
    with pytest.raises(ValueError, match=f"eval_fraction={fraction} must be greater than 0"):
        train_and_eval(fraction)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (Output(), r"the splits \[\]. It must have 'train' and 'eval'"),
        (output(("train", 8), ("eval", 1), ("test", 1)), r"the splits \['train', 'eval', 'test'\]"),
        (output(("train", 8), ("train", 1)), r"the splits \['train', 'train'\]"),
        (output(("train", 8), ("eval", 0)), "hash_buckets=0 of split 'eval' must be at least 1"),
        (
            output(("train", 1), ("eval", 1), partition_feature_name="label"),
            "partition_feature_name='label' must be 'video_id'",
        ),
        ({"split_config": {}}, "output_config must be an example_gen_pb2.Output, got {'split_con"),
    ],
)
def test_other_splits_are_refused(given: Output, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        eval_fraction_of(given)
