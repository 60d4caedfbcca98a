"""The pipeline: all nodes, in the order of the data flow.

No module in this folder may have the name `pipeline`. The engines put this folder first on the import path, where
such a module would hide the package.
"""

from __future__ import annotations

from tfx.components.statistics_gen.component import StatisticsGen
from tfx.components.transform.component import Transform
from tfx.orchestration.pipeline import Pipeline
from tfx.proto.pusher_pb2 import PushDestination
from tfx.proto.trainer_pb2 import TrainArgs

from mocogan.components.baseline.component import BaselineFinder
from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY, code_fingerprint
from mocogan.components.data_validator.component import ExampleValidator
from mocogan.components.infra_validator.component import InfraValidator
from mocogan.components.model_pusher.component import Pusher
from mocogan.components.report_gen.component import ReportGen
from mocogan.components.schema.component import CuratedSchema
from mocogan.components.trainer.component import MoCoGanTrainer
from mocogan.components.video_evaluator.component import VideoEvaluator
from mocogan.components.video_example_gen.arguments.split_shares import train_and_eval
from mocogan.components.video_example_gen.component import VideoExampleGen
from mocogan.components.warm_start.component import WarmStartFinder
from mocogan.pipeline.config.settings import Config
from mocogan.trainer.contract import NO_WARM_START

_PREPROCESSING = "mocogan.components.transform.preprocessing"


def create_pipeline(config: Config) -> Pipeline:
    """Creates the pipeline from a folder of videos to an evaluated and pushed SavedModel.

    Args:
        config: All options of the pipeline.

    Returns:
        The TFX pipeline, the same for all engines.

    Raises:
        ValueError: an option is not valid for its component.
    """
    example_gen = VideoExampleGen(
        input_base=config.data,
        output_config=train_and_eval(config.ingest.eval_fraction),
        custom_config=config.ingest.model_dump(mode="json", exclude={"eval_fraction"}),
    )
    example_gen.with_beam_pipeline_args(config.ingest_beam_args)
    statistics_gen = StatisticsGen(examples=example_gen.outputs["examples"])
    schema_gen = CuratedSchema().with_id("SchemaGen")
    example_validator = ExampleValidator(
        statistics=statistics_gen.outputs["statistics"], schema=schema_gen.outputs["schema"]
    )
    transform = Transform(
        examples=example_gen.outputs["examples"],
        schema=schema_gen.outputs["schema"],
        preprocessing_fn=f"{_PREPROCESSING}.preprocessing_fn",
        custom_config={
            "num_frames": config.ingest.num_frames,
            "size": config.ingest.size,
            "resize_filter": config.ingest.resize_filter,
            CODE_FINGERPRINT_KEY: code_fingerprint(_PREPROCESSING),
        },
        materialize=False,  # readers apply the graph, because float32 clips take several times the disk space
        disable_statistics=True,
    )
    transform.add_upstream_node(example_validator)
    warm_start = _warm_start(config, example_gen, transform)
    trainer = MoCoGanTrainer(
        examples=example_gen.outputs["examples"],
        transform_graph=transform.outputs["transform_graph"],
        schema=schema_gen.outputs["schema"],
        base_model=warm_start and warm_start.outputs["base_model"],
        train_args=TrainArgs(num_steps=config.trainer.run.steps),
        custom_config=config.trainer.model_dump(
            mode="json", exclude={"run": {"steps", "warm_start"}}
        ),
        checkpoint_root=config.checkpoint_root,
        log_root=config.log_root,
        log_name=config.log_name,
    )
    baseline = BaselineFinder(
        candidate=trainer.outputs["model"], serving_model_dir=config.serving_model_dir
    )
    evaluator = VideoEvaluator(
        examples=example_gen.outputs["examples"],
        model=trainer.outputs["model"],
        baseline_model=baseline.outputs["baseline_model"],
        custom_config=config.evaluator.model_dump(mode="json"),
        cache_folder=config.feature_cache,
    )
    report_gen = ReportGen(
        model=trainer.outputs["model"],
        evaluation=evaluator.outputs["evaluation"],
        baseline_model=baseline.outputs["baseline_model"],
        model_run=trainer.outputs["model_run"],
        ingest_report=example_gen.outputs["ingest_report"],
    )
    infra_validator = InfraValidator(
        model=trainer.outputs["model"],
        custom_config=config.infra_validator.model_dump(mode="json"),
    )
    pusher = Pusher(
        model=trainer.outputs["model"],
        model_blessing=evaluator.outputs["blessing"],
        infra_blessing=infra_validator.outputs["blessing"],
        report=report_gen.outputs["report"],
        push_destination=PushDestination(
            filesystem=PushDestination.Filesystem(base_directory=config.serving_model_dir)
        ),
        custom_config=config.pusher.model_dump(mode="json"),
    )
    return Pipeline(
        pipeline_name=config.pipeline_name,
        pipeline_root=config.pipeline_root,
        components=[
            example_gen,
            statistics_gen,
            schema_gen,
            example_validator,
            transform,
            *([warm_start] if warm_start else []),
            trainer,
            baseline,
            evaluator,
            report_gen,
            infra_validator,
            pusher,
        ],
        enable_cache=config.cache,
        beam_pipeline_args=config.runner_flags,
    )


def _warm_start(
    config: Config, example_gen: VideoExampleGen, transform: Transform
) -> WarmStartFinder | None:
    """The node that finds the model to start from. A pipeline that always starts anew has none."""
    if config.trainer.run.warm_start == NO_WARM_START:
        return None
    return WarmStartFinder(
        examples=example_gen.outputs["examples"],
        transform_graph=transform.outputs["transform_graph"],
        checkpoint_root=config.checkpoint_root,
        serving_model_dir=config.serving_model_dir,
        custom_config=config.trainer.model_dump(mode="json"),
    )
