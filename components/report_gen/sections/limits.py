"""What an evaluation cannot tell."""

from __future__ import annotations

from mocogan.components.report_gen.content import ReportContent
from mocogan.components.video_evaluator.galleries.names import LONG
from mocogan.components.video_evaluator.report import EvaluationReport

_FEW_CLIPS = 256
_NETWORK_METRICS = ("fvd", "frechet_distance")


def limits(content: ReportContent) -> list[str]:
    """Sentences for readers of the page and of the model card."""
    sentences = [
        "No person judged these clips. Two models with the same values can look different."
    ]
    if content.evaluation is not None:
        sentences += _evaluation_limits(content.evaluation)
    if LONG in content.galleries:
        sentences.append(
            "Clips that are longer than those of the training are shown, but no metric judges them."
        )
    sentences += [
        "A fault that few clips show is not found with few clips. A fault that no metric sees is not found at all.",
        "Mirrored, recolored or moved copies of training clips are not counted as copies.",
        "Values are comparable only under the same protocol: the same real clips, numbers and sizes.",
    ]
    return sentences


def _evaluation_limits(report: EvaluationReport) -> list[str]:
    sentences = []
    network = [report.metrics[name] for name in _NETWORK_METRICS if name in report.metrics]
    if not any(metric.value is not None for metric in network):
        sentences.append(
            "No pretrained video network was used, so there is no FVD. Published FVD, FID and IS cannot be compared "
            "with these values."
        )
    protocol = report.protocol
    if protocol is None:
        return [*sentences, "No clips were compared, so there are no metrics."]
    few = ", which is few: the intervals are wide" if protocol.real_clips < _FEW_CLIPS else ""
    sentences.append(
        f"The model was compared with {protocol.real_clips:,} clips of {protocol.real_videos:,} videos of the split "
        f"{protocol.split}{few}. The metrics say how near it is to these videos, not how good it is on others."
    )
    sentences.append(
        f"The clips come from {protocol.sampling_seeds} random seeds. Other seeds give other clips and slightly other "
        "values. The training itself ran once: another training of the same configuration can end elsewhere."
    )
    auc = protocol.embedding_auc
    if auc is None:
        sentences.append(
            "Things that turn into others are not found, as there is no frame embedding."
        )
    elif auc < 0.8:
        sentences.append(
            f"The frame embedding tells few clips apart (ROC AUC {auc:.2f}), so content consistency sees little."
        )
    return sentences
