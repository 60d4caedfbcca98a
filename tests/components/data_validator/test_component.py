import json

from tfx.components import StatisticsGen
from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen
from tfx.orchestration import pipeline
from tfx.orchestration.kubeflow.v2 import kubeflow_v2_dag_runner

from mocogan.components.data_validator.component import ExampleValidator
from mocogan.components.schema import schema_path
from mocogan.components.video_example_gen.component import VideoExampleGen


def test_compiles_for_kubeflow_under_tfx_own_name(tmp_path):
    example_gen = VideoExampleGen(input_base="/gcs/bucket/videos")
    statistics_gen = StatisticsGen(examples=example_gen.outputs["examples"])
    schema_gen = ImportSchemaGen(schema_file=schema_path())
    validator = ExampleValidator(
        statistics=statistics_gen.outputs["statistics"], schema=schema_gen.outputs["schema"]
    )
    assert validator.id == "ExampleValidator"
    config = kubeflow_v2_dag_runner.KubeflowV2DagRunnerConfig(default_image="image")
    runner = kubeflow_v2_dag_runner.KubeflowV2DagRunner(config, str(tmp_path), "pipeline.json")
    nodes = [example_gen, statistics_gen, schema_gen, validator]
    runner.run(pipeline.Pipeline("validate", "/gcs/bucket/root", components=nodes))
    spec = json.loads((tmp_path / "pipeline.json").read_text())["pipelineSpec"]
    container = spec["deploymentSpec"]["executors"]["ExampleValidator_executor"]["container"]
    assert "mocogan.components.data_validator.executor.Executor" in container["args"]
    parameters = spec["root"]["dag"]["tasks"]["ExampleValidator"]["inputs"]["parameters"]
    assert "code_fingerprint" in parameters
