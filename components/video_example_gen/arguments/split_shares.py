"""The shares of the splits, in TFX's form and as one number."""

from __future__ import annotations

from fractions import Fraction

from tfx.proto.example_gen_pb2 import Output, SplitConfig

from mocogan.data.records.keys import EVAL, TRAIN, VIDEO_ID

_MAX_BUCKETS = 2**32 - 1  # TFX stores them as uint32


def train_and_eval(eval_fraction: float) -> Output:
    """Makes the `output_config` of VideoExampleGen from one share.

    Args:
        eval_fraction: Share of the videos in 'eval'. The others are in 'train'.

    Returns:
        The two splits with whole numbers of buckets, such as 9 and 1 for 0.1.

    Raises:
        ValueError: `eval_fraction` is not between 0 and 1.
    """
    if not 0 < eval_fraction < 1:
        raise ValueError(f"eval_fraction={eval_fraction} must be greater than 0 and less than 1")
    smallest = Fraction(1, _MAX_BUCKETS)
    share = Fraction(eval_fraction).limit_denominator(_MAX_BUCKETS)
    share = min(max(share, smallest), 1 - smallest)
    buckets = {TRAIN: share.denominator - share.numerator, EVAL: share.numerator}
    return Output(
        split_config=SplitConfig(
            splits=[
                SplitConfig.Split(name=name, hash_buckets=count) for name, count in buckets.items()
            ]
        )
    )


def eval_fraction_of(output_config: Output) -> float:
    """Returns the share of the videos in 'eval'.

    Raises:
        ValueError: `output_config` has other splits than 'train' and 'eval', or splits them by another feature than
            the video.
    """
    if not isinstance(output_config, Output):
        raise ValueError(f"output_config must be an example_gen_pb2.Output, got {output_config!r}")
    config = output_config.split_config
    buckets = [(split.name, split.hash_buckets) for split in config.splits]
    if sorted(name for name, _ in buckets) != sorted((TRAIN, EVAL)):
        raise ValueError(
            f"output_config has the splits {[name for name, _ in buckets]}. It must have {TRAIN!r} and {EVAL!r}, "
            "as train_and_eval(0.1) makes them"
        )
    for name, count in buckets:
        if count < 1:
            raise ValueError(f"hash_buckets={count} of split {name!r} must be at least 1")
    if config.HasField("partition_feature_name") and config.partition_feature_name != VIDEO_ID:
        raise ValueError(
            f"partition_feature_name={config.partition_feature_name!r} must be {VIDEO_ID!r}, because all clips of a "
            "video belong to one split. Remove it"
        )
    return dict(buckets)[EVAL] / sum(count for _, count in buckets)
