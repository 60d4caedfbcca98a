import json

import pytest
from tfx.orchestration import pipeline
from tfx.orchestration.kubeflow.v2 import kubeflow_v2_dag_runner

from mocogan.components.video_example_gen.component import VideoExampleGen
from mocogan.data.config import IngestConfig


def properties(**settings):
    return VideoExampleGen("/videos", IngestConfig(**settings)).exec_properties


def test_outputs_are_examples_and_report():
    outputs = VideoExampleGen("/videos", IngestConfig()).outputs
    assert {key: channel.type_name for key, channel in outputs.items()} == {
        "examples": "Examples",
        "ingest_report": "mocogan.IngestReport",
    }


def test_what_decides_the_stored_clips_is_in_the_cache_key():
    assert properties(size=32) != properties(size=64)
    assert properties(eval_fraction=0.1) != properties(eval_fraction=0.2)
    assert len(properties()["code_fingerprint"]) == 16


def test_a_size_made_by_transform_is_not_in_the_cache_key():
    assert properties(size=32, store_size=64) == properties(size=64)


def test_an_empty_folder_name_is_refused_at_construction():
    with pytest.raises(ValueError, match="input_base"):
        VideoExampleGen("", IngestConfig())


def test_compiles_for_kubeflow_with_tfx_own_driver(tmp_path):
    config = kubeflow_v2_dag_runner.KubeflowV2DagRunnerConfig(default_image="image")
    runner = kubeflow_v2_dag_runner.KubeflowV2DagRunner(config, str(tmp_path), "pipeline.json")
    component = VideoExampleGen("/gcs/bucket/videos", IngestConfig())
    runner.run(pipeline.Pipeline("ingest", "/gcs/bucket/root", components=[component]))
    spec = json.loads((tmp_path / "pipeline.json").read_text())["pipelineSpec"]
    container = spec["deploymentSpec"]["executors"]["VideoExampleGen_executor"]["container"]
    assert "file_based_example_gen.driver" in str(container["lifecycle"]["preCacheCheck"])
    outputs = spec["components"]["VideoExampleGen"]["outputDefinitions"]["artifacts"]
    assert set(outputs) == {"examples", "ingest_report"}
