"""VideoExampleGen in TFX's InteractiveContext, with a real ML Metadata store."""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import ml_metadata as mlmd
import pytest
from tfx.components.statistics_gen.component import StatisticsGen
from tfx.proto.example_gen_pb2 import Input
from tfx.types import Artifact

from mocogan.components.video_example_gen.component import VideoExampleGen

if TYPE_CHECKING:
    from tfx.orchestration.experimental.interactive.interactive_context import InteractiveContext

pytestmark = pytest.mark.slow

Run = Callable[[], VideoExampleGen]


@pytest.fixture
def videos(tmp_path: Path, make_mp4: Callable[..., Path]) -> Path:
    """Two videos of 8 frames in one class."""
    for number in range(2):
        make_mp4(tmp_path / "videos" / "walk" / f"{number}.mp4", seed=number)
    return tmp_path / "videos"


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InteractiveContext:
    """What a notebook creates. TFX recognizes IPython by this variable."""
    from tfx.orchestration.experimental.interactive.interactive_context import (  # takes seconds
        InteractiveContext,
    )

    monkeypatch.setitem(builtins.__dict__, "__IPYTHON__", True)
    return InteractiveContext(
        pipeline_name="notebook",
        pipeline_root=str(tmp_path / "out"),
        beam_pipeline_args=["--runner=FnApiRunner"],
    )


@pytest.fixture
def run(videos: Path, context: InteractiveContext) -> Run:
    """Runs a new component on the videos, as a cell does each time it runs."""

    def ingest() -> VideoExampleGen:
        component = VideoExampleGen(
            input_base=str(videos), custom_config={"num_frames": 4, "size": 16}
        )
        context.run(component)
        return component

    return ingest


def output(component: VideoExampleGen, key: str) -> Artifact:
    (artifact,) = component.outputs[key].get()
    return artifact


def test_every_output_has_a_folder_and_an_entry_in_the_store(
    run: Run, context: InteractiveContext
) -> None:
    component = run()
    examples, report = output(component, "examples"), output(component, "ingest_report")
    assert examples.get_int_custom_property("clips") == 4
    assert {path.name for path in Path(examples.uri).iterdir()} == {"Split-train", "Split-eval"}
    content = json.loads(Path(report.uri, "ingest_report.json").read_text(encoding="utf-8"))
    assert content["clips"] == 4

    store = mlmd.MetadataStore(context.metadata_connection_config)
    stored = {artifact.uri: artifact for artifact in store.get_artifacts()}
    assert set(stored) == {examples.uri, report.uri}
    assert stored[examples.uri].custom_properties["input_fingerprint"].string_value


@pytest.mark.exhaustive
def test_tfx_components_take_the_examples(run: Run, context: InteractiveContext) -> None:
    statistics_gen = StatisticsGen(examples=run().outputs["examples"])
    context.run(statistics_gen)
    (statistics,) = statistics_gen.outputs["statistics"].get()
    assert Path(statistics.uri, "Split-train", "FeatureStats.pb").stat().st_size


def test_only_a_changed_folder_is_ingested_again(
    run: Run, videos: Path, make_mp4: Callable[..., Path]
) -> None:
    first, again = run(), run()
    for key in ("examples", "ingest_report"):
        assert output(again, key).uri == output(first, key).uri

    make_mp4(videos / "walk" / "2.mp4", seed=2)
    changed = run()
    for key in ("examples", "ingest_report"):
        assert output(changed, key).uri != output(first, key).uri
    assert output(changed, "examples").get_int_custom_property("clips") == 6


@pytest.mark.exhaustive
def test_the_newest_span_is_ingested(
    tmp_path: Path, context: InteractiveContext, make_mp4: Callable[..., Path]
) -> None:
    make_mp4(tmp_path / "spans" / "span-9" / "a.mp4", num_frames=4)
    make_mp4(tmp_path / "spans" / "span-10" / "a.mp4", num_frames=12)
    spans = Input(splits=[Input.Split(name="videos", pattern="span-{SPAN}/*")])
    component = VideoExampleGen(
        input_base=str(tmp_path / "spans"),
        input_config=spans,
        custom_config={"num_frames": 4, "size": 16},
    )
    context.run(component)
    examples = output(component, "examples")
    assert examples.get_int_custom_property("clips") == 3
    assert examples.get_int_custom_property("span") == 10
