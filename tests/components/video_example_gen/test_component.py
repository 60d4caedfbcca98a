import json

import pytest
from tfx.orchestration import pipeline
from tfx.orchestration.kubeflow.v2 import kubeflow_v2_dag_runner

from mocogan.components.video_example_gen.arguments.split_shares import train_and_eval
from mocogan.components.video_example_gen.component import VideoExampleGen
from mocogan.data.config import IngestConfig


def properties(**arguments):
    return VideoExampleGen(input_base="/videos", **arguments).exec_properties


def ingest_config(**arguments):
    return IngestConfig.model_validate_json(properties(**arguments)["ingest_config"])


def test_outputs_are_examples_and_report():
    outputs = VideoExampleGen(input_base="/videos").outputs
    assert {key: channel.type_name for key, channel in outputs.items()} == {
        "examples": "Examples",
        "ingest_report": "mocogan.IngestReport",
    }


def test_only_the_folder_must_be_given():
    assert ingest_config() == IngestConfig()
    assert json.loads(properties()["input_config"])["splits"][0]["pattern"] == "*"
    splits = json.loads(properties()["output_config"])["split_config"]["splits"]
    assert [(split["name"], split["hash_buckets"]) for split in splits] == [
        ("train", 9),
        ("eval", 1),
    ]


def test_options_and_splits_reach_the_executor():
    config = ingest_config(
        custom_config={"num_frames": 4, "fps": 8}, output_config=train_and_eval(0.2)
    )
    assert config == IngestConfig(num_frames=4, fps=8, eval_fraction=0.2)


def test_what_decides_the_stored_clips_is_in_the_cache_key():
    assert properties(custom_config={"size": 32}) != properties(custom_config={"size": 64})
    assert properties(output_config=train_and_eval(0.2)) != properties()
    assert len(properties()["code_fingerprint"]) == 16


def test_a_size_made_by_transform_is_not_in_the_cache_key():
    transformed = {"size": 32, "store_size": 64}
    assert properties(custom_config=transformed) == properties(custom_config={"size": 64})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"input_base": ""}, "input_base='' must be the folder"),
        ({"input_config": {}}, "input_config must be an example_gen_pb2.Input, got {}"),
        ({"output_config": {}}, "output_config must be an example_gen_pb2.Output, got {}"),
        ({"custom_config": IngestConfig()}, "custom_config must be a mapping with keys such as"),
        ({"custom_config": {"num_framez": 4}}, "did you mean custom_config.num_frames?"),
        ({"custom_config": {"num_frames": 1}}, "custom_config.num_frames=1 must be greater than"),
        (
            {"custom_config": {"eval_fraction": 0.2}},
            r"custom_config.eval_fraction=0.2 .* set output_config=train_and_eval\(0.2\)",
        ),
    ],
)
def test_wrong_arguments_are_refused_at_construction(arguments, message):
    with pytest.raises(ValueError, match=message):
        VideoExampleGen(**{"input_base": "/videos"} | arguments)


def test_compiles_for_kubeflow_with_tfx_own_driver(tmp_path):
    config = kubeflow_v2_dag_runner.KubeflowV2DagRunnerConfig(default_image="image")
    runner = kubeflow_v2_dag_runner.KubeflowV2DagRunner(config, str(tmp_path), "pipeline.json")
    component = VideoExampleGen(input_base="/gcs/bucket/videos")
    runner.run(pipeline.Pipeline("ingest", "/gcs/bucket/root", components=[component]))
    spec = json.loads((tmp_path / "pipeline.json").read_text())["pipelineSpec"]
    container = spec["deploymentSpec"]["executors"]["VideoExampleGen_executor"]["container"]
    assert "file_based_example_gen.driver" in str(container["lifecycle"]["preCacheCheck"])
    outputs = spec["components"]["VideoExampleGen"]["outputDefinitions"]["artifacts"]
    assert set(outputs) == {"examples", "ingest_report"}
