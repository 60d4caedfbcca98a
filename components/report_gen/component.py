"""ReportGen: from an evaluation and a training to a report page and a model card."""

from __future__ import annotations

from typing import ClassVar

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts, standard_component_specs

from mocogan.components.artifact_types import BaselineModel, IngestReport, ModelReport
from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY, code_fingerprint
from mocogan.components.report_gen import executor


class ReportGenSpec(types.ComponentSpec):
    """Inputs, outputs and parameters of ReportGen."""

    PARAMETERS: ClassVar = {CODE_FINGERPRINT_KEY: component_spec.ExecutionParameter(type=str)}
    INPUTS: ClassVar = {
        standard_component_specs.MODEL_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.Model
        ),
        standard_component_specs.BASELINE_MODEL_KEY: component_spec.ChannelParameter(
            type=BaselineModel, optional=True
        ),
        standard_component_specs.EVALUATION_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.ModelEvaluation
        ),
        standard_component_specs.MODEL_RUN_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.ModelRun, optional=True
        ),
        executor.INGEST_REPORT_KEY: component_spec.ChannelParameter(
            type=IngestReport, optional=True
        ),
    }
    OUTPUTS: ClassVar = {executor.REPORT_KEY: component_spec.ChannelParameter(type=ModelReport)}


class ReportGen(base_component.BaseComponent):
    """Writes a page that shows what a model makes, how it was judged, and where it comes from.

    Output: `report` (ModelReport) with `report.html`, one file that needs no network and no scripts, and
    `model_card.md`. A change of the page does not run the evaluation again.
    """

    SPEC_CLASS = ReportGenSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

    def __init__(
        self,
        model: types.BaseChannel,
        evaluation: types.BaseChannel,
        baseline_model: types.BaseChannel | None = None,
        model_run: types.BaseChannel | None = None,
        ingest_report: types.BaseChannel | None = None,
    ) -> None:
        """Creates the component.

        Args:
            model: Candidate, from MoCoGanTrainer.
            evaluation: Evaluation of the candidate, from VideoEvaluator.
            baseline_model: Model that the candidate was compared with, from BaselineFinder. Default: none.
            model_run: Log of the training, from MoCoGanTrainer. Default: none, so that the page does not show it.
            ingest_report: Report on the videos, from VideoExampleGen. Default: none.
        """
        super().__init__(
            spec=ReportGenSpec(
                model=model,
                evaluation=evaluation,
                baseline_model=baseline_model,
                model_run=model_run,
                ingest_report=ingest_report,
                code_fingerprint=code_fingerprint(executor.__name__),
                report=types.Channel(type=ModelReport),
            )
        )
