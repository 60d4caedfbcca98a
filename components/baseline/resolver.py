"""Baseline resolvers, one per engine. Their output `model` is the baseline, or empty."""

from __future__ import annotations

import ml_metadata as mlmd
from tfx import types
from tfx.components.evaluator import constants
from tfx.components.util.model_utils import is_model_blessed
from tfx.dsl.components.common.resolver import Resolver, ResolverStrategy
from tfx.dsl.input_resolution.strategies.latest_blessed_model_strategy import (
    LatestBlessedModelStrategy,
)
from tfx.dsl.io import fileio
from tfx.types import standard_artifacts

NODE_ID = "baseline_resolver"


class PreviousBlessedModelStrategy(ResolverStrategy):
    """Selects the model that was blessed last, except the candidate of this run.

    TFX's LatestBlessedModelStrategy does not exclude the candidate. An unchanged second run would compare the
    blessed model with itself and push it again.
    """

    def resolve_artifacts(
        self, store: mlmd.MetadataStore, input_dict: dict[str, list[types.Artifact]]
    ) -> dict[str, list[types.Artifact]]:
        """Reduces `model` and `model_blessing` to at most one artifact each.

        The newest blessing counts, not the newest model: an older model that is blessed again is the one in use.
        Models whose files are gone are skipped.
        """
        candidates = {model.id for model in input_dict["candidate"]}
        models = {model.id: model for model in input_dict["model"] if model.id not in candidates}
        newest_first = sorted(
            input_dict["model_blessing"], key=lambda blessing: blessing.id, reverse=True
        )
        for blessing in filter(is_model_blessed, newest_first):
            model = models.get(
                blessing.get_int_custom_property(constants.ARTIFACT_PROPERTY_CURRENT_MODEL_ID_KEY)
            )
            if model is not None and fileio.exists(model.uri):
                return {**input_dict, "model": [model], "model_blessing": [blessing]}
        return {**input_dict, "model": [], "model_blessing": []}


def previous_blessed_model(candidate: types.BaseChannel) -> Resolver:
    """The resolver for the local engine: the model that was blessed last, except the candidate."""
    return Resolver(
        strategy_class=PreviousBlessedModelStrategy,
        model=types.Channel(type=standard_artifacts.Model),
        model_blessing=types.Channel(type=standard_artifacts.ModelBlessing),
        candidate=candidate,
    ).with_id(NODE_ID)


def latest_blessed_model(candidate: types.BaseChannel) -> Resolver:
    """The resolver for Kubeflow and Vertex: the model that was blessed last.

    These engines support only TFX's own strategies, which do not exclude the candidate. An unchanged run compares
    the model with itself.
    """
    del candidate
    return Resolver(
        strategy_class=LatestBlessedModelStrategy,
        model=types.Channel(type=standard_artifacts.Model),
        model_blessing=types.Channel(type=standard_artifacts.ModelBlessing),
    ).with_id(NODE_ID)
