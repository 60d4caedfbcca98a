from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tfx.proto.example_gen_pb2 import Input
from tfx.proto.range_config_pb2 import RangeConfig, StaticRange

from mocogan.components.video_example_gen.arguments.input_folder import check_input, input_folder

SPAN_3 = RangeConfig(static_range=StaticRange(start_span_number=3, end_span_number=3))


def patterns(*given: str) -> Input:
    return Input(splits=[Input.Split(name=f"split_{p}", pattern=p) for p in given])


@pytest.mark.parametrize(
    ("pattern", "folder"),
    [
        ("*", "gs://bucket/videos"),
        ("span-3/*", "gs://bucket/videos/span-3"),
        ("2026/11/*", "gs://bucket/videos/2026/11"),
    ],
)
def test_a_pattern_names_a_folder(pattern: str, folder: str) -> None:
    assert input_folder("gs://bucket/videos", pattern) == folder


def test_patterns_of_folders_and_spans_are_taken() -> None:
    check_input("/videos", patterns("*"), None)
    check_input("/videos", patterns("new/*"), None)
    check_input("/videos", patterns("span-{SPAN}/v-{VERSION}/*"), SPAN_3)
    check_input("/videos", patterns("{YYYY}-{MM}-{DD}/*"), None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("", patterns("*"), None), "input_base='' must be the folder of videos"),
        ((None, patterns("*"), None), "input_base=None must be the folder of videos"),
        ((Path("/v"), patterns("*"), None), r"input_base=PosixPath\('/v'\) must be .* a string"),
        (("/v", "*", None), r"input_config must be an example_gen_pb2.Input, got '\*'"),
        (("/v", patterns("*"), 3), "range_config must be a range_config_pb2.RangeConfig, got 3"),
        (("/v", Input(), None), r"input_config has the splits \[\]"),
        (
            ("/v", patterns("train/*", "eval/*"), None),
            r"input_config has the splits \['split_train/\*', 'split_eval/\*'\], but .*output_config",
        ),
        (("/v", patterns("*.mp4"), None), r"the pattern '\*.mp4' in input_config must be '\*' or"),
        (("/v", patterns("day-*/*"), None), r"the pattern 'day-\*/\*' .*such as 'span-{SPAN}/\*'"),
        (("/v", patterns("*"), SPAN_3), "Span or Date spec should be specified"),
        (("/v", patterns("v-{VERSION}/*"), None), "Version spec provided, but Span"),
    ],
)
def test_other_inputs_are_refused(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_input(*arguments)
