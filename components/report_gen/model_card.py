"""The model card: a Markdown page for the people who use the model.

It has the fields of Google's Model Card Toolkit (https://github.com/tensorflow/model-card-toolkit). Owners and license
are left to the owner of the model.
"""

from __future__ import annotations

from collections.abc import Sequence

from mocogan.components.report_gen.content import ReportContent
from mocogan.components.report_gen.markdown_text import block, bullets, code, escaped, table
from mocogan.components.report_gen.metric_words import (
    ARROWS,
    DIRECTIONS,
    damage_words,
    metric_meaning,
    metric_title,
)
from mocogan.components.report_gen.sections.confusion import classes
from mocogan.components.report_gen.sections.limits import limits
from mocogan.components.report_gen.sections.lineage import data_facts, flat_options, training_facts
from mocogan.components.report_gen.sections.metric_rows import bound as bound_of
from mocogan.components.report_gen.sections.metric_rows import interval_text, place_word
from mocogan.components.report_gen.sections.verdict import reason_text
from mocogan.components.reports.quantities import figure, percentage
from mocogan.components.reports.readable_text import shortened
from mocogan.components.video_evaluator.report import EvaluationReport, MetricValue

_TO_FILL = "_to be filled in by the owner of the model_"
_TAGS = ("tensorflow", "tfx", "mocogan", "video-generation")  # of Hugging Face and other hubs
_MAX_CLASSES = 50
_MAX_OPTIONS = 200
_REFERENCES = (
    "Tulyakov, Liu, Yang, Kautz: MoCoGAN: Decomposing Motion and Content for Video Generation, CVPR 2018, "
    "[arXiv:1707.04993](https://arxiv.org/abs/1707.04993)",
)


def render_model_card(content: ReportContent) -> str:
    """Renders the model card as Markdown (GitHub's flavor) with tags for model hubs at the top."""
    parts = [
        "\n".join(["---", "tags:", *(f"- {tag}" for tag in _TAGS), "---"]),
        f"# Model card: {escaped(content.title, 200)}",
        *([f"> **Not complete.** {escaped(content.state)}"] if content.state else []),
        *_verdict(content.evaluation),
        *_details(content),
        *_use(),
        *_considerations(content),
        *_analysis(content.evaluation),
        *_data(content),
        *_training(content),
        *_lineage(content),
    ]
    return "\n\n".join(parts) + "\n"


def _verdict(report: EvaluationReport | None) -> list[str]:
    if report is None:
        return ["**Not evaluated.**"]
    word = "Blessed" if report.verdict.blessed else "Not blessed"
    return [f"**{word}:** {escaped(reason_text(report))}"]


def _details(content: ReportContent) -> list[str]:
    rows = [
        ("Overview", "a generative model of short, silent videos (MoCoGAN): no input but seeds"),
        ("Version", _version(content)),
        ("Owners", _TO_FILL),
        ("License", _TO_FILL),
        ("Architecture", _architecture(content)),
        ("Input", "`num_clips` (int32), `seed` (int64)"),
        ("Output", _output(content)),
        ("Format", "TensorFlow SavedModel, signature `serving_default`"),
    ]
    references = ["### References", bullets(_REFERENCES)]
    return ["## Model details", table(("field", "value"), rows), *references]


def _version(content: ReportContent) -> str:
    summary = content.training.summary if content.training else None
    if summary is None:
        return _TO_FILL
    step = summary.steps if summary.exported_step is None else summary.exported_step
    return f"weights of step {step:,}"


def _architecture(content: ReportContent) -> str:
    options = content.training.config.get("model", {}) if content.training else {}
    name = options.get("architecture") if isinstance(options, dict) else None
    words = [code(str(name))] if name else []
    if content.training and content.training.summary:
        words.append(f"{content.training.summary.parameters:,} parameters")
    return ", ".join(words) or "not known"


def _output(content: ReportContent) -> str:
    shape = None
    if content.training and content.training.summary:
        shape = content.training.summary.clip_shape
    elif content.evaluation and content.evaluation.protocol:
        shape = content.evaluation.protocol.clip_shape
    if shape is None:
        return "`clips`, uint8 `[num_clips, T, H, W, 3]`, RGB"
    frames, height, width, _ = shape
    return f"`clips`, uint8 `[num_clips, {frames}, {height}, {width}, 3]`, RGB"


def _use() -> list[str]:
    return [
        "## How to make a clip",
        "`MODEL` is the folder of the SavedModel.",
        "```sh\nmocogan generate MODEL --num 4 --seed 0\n```",
        "Or with TensorFlow alone:",
        "```python\nimport tensorflow as tf\n\n"
        'model = tf.saved_model.load("MODEL")\n'
        'clips = model.sample(4, 0)["clips"]  # four clips from seed 0, uint8 [4, T, H, W, 3]\n```',
    ]


def _considerations(content: ReportContent) -> list[str]:
    return [
        "## Considerations",
        "### Intended users",
        bullets(
            ("People who study or teach video generation", "People who make short looping clips")
        ),
        "### Use cases",
        bullets(
            (
                "Clips of the kind that the training data shows",
                "Experiments with content and motion, which have separate seeds",
            )
        ),
        "Not intended: evidence, news, or clips that pass for recordings of real persons or events.",
        "### Limitations",
        bullets(map(escaped, limits(content))),
        "### Trade-offs",
        bullets(
            (
                "Small frames and short clips, in exchange for training on one computer",
                "Longer clips can be drawn, but their motion was not trained and no metric judges it",
            )
        ),
        "### Ethical considerations",
        bullets((_memorization_risk(content.evaluation), *_RISKS)),
    ]


_RISKS = (
    "Faults and omissions of the training data come back: what is rare there is rarer or missing here. Mitigation: "
    "look at the classes and at the real clips that are not reached in the report",
    "Clips can be mistaken for recordings. Mitigation: label them as generated",
)


def _memorization_risk(report: EvaluationReport | None) -> str:
    text = "Persons in the training videos can be reproduced. Mitigation: train on videos of persons who agreed"
    metric = report.metrics.get("memorization") if report else None
    if metric is None or metric.value is None:
        return f"{text}. How many clips are copies was not measured"
    real = "" if metric.real is None else f" (held-out real clips: {_share(metric.real)})"
    return f"{text}. Measured share of copies of training clips: {_share(metric.value)}{real}"


def _share(value: float) -> str:
    return percentage(round(value * 1e6), 10**6)


def _analysis(report: EvaluationReport | None) -> list[str]:
    if report is None:
        return ["## Quantitative analysis", "The model was not evaluated."]
    rows = [
        _metric_row(name, metric, report)
        for name, metric in report.metrics.items()
        if metric.value is not None
    ]
    parts = ["## Quantitative analysis"]
    if report.protocol is not None:
        protocol = report.protocol
        parts.append(
            f"{protocol.generated_clips:,} generated clips against {protocol.real_clips:,} real clips of "
            f"{protocol.real_videos:,} videos of the split {escaped(protocol.split)}. Place: 0 is like real clips, "
            f"1 is like real clips with the named damage; above {protocol.max_damage:g} a check fails."
        )
    if not rows:
        return [*parts, "No metric was measured."]
    names = ("metric", "better", "value", "95 % interval", "real clips", "place", "1 is")
    return [*parts, table(names, rows), *_class_table(report)]


def _metric_row(name: str, metric: MetricValue, report: EvaluationReport) -> Sequence[str]:
    assert metric.value is not None, name
    meaning = metric_meaning(name)
    word, _ = place_word(metric.scale, bound_of(report))
    return (
        escaped(metric_title(name)) + (f" ({meaning})" if meaning else ""),
        f"{ARROWS[metric.direction]} {DIRECTIONS[metric.direction].removesuffix(' is better')}",
        f"{figure(metric.value)} {escaped(metric.unit)}",
        interval_text(metric),
        "" if metric.real is None else figure(metric.real),
        "" if metric.scale is None else f"{metric.scale:.2f}, {word}",
        escaped(damage_words(metric.damage)),
    )


def _class_table(report: EvaluationReport) -> list[str]:
    found = classes(report)
    if found is None:
        return []
    rows = [
        (
            escaped(row.name),
            f"{percentage(row.recognized, row.clips)} of {row.clips:,}" if row.clips else "",
            f"{percentage(row.real_recognized, row.real_clips)} of {row.real_clips:,}"
            if row.real_clips
            else "",
            escaped(row.mistaken_for),
        )
        for row in found.rows
    ]
    rest = found.total - len(rows)
    more = [f"{rest:,} more classes have fewer mistakes."] if rest else []
    title = "Clips in which a classifier sees the requested class:"
    names = ("class", "generated", "real", "most seen instead")
    return ["### Classes", title, table(names, rows), *more]


def _data(content: ReportContent) -> list[str]:
    facts = [(label, escaped(text, 300)) for label, text in data_facts(content.ingest)]
    parts = ["## Training data"]
    parts.append(table(("field", "value"), facts) if facts else "Not known.")
    counts = (content.ingest or {}).get("labels") or {}
    if len(counts) > 1:
        shown = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:_MAX_CLASSES]
        rows = [(escaped(name or "(none)", 80), f"{number:,}") for name, number in shown]
        parts.append(table(("class", "clips"), rows))
        if len(counts) > len(shown):
            parts.append(f"{len(counts) - len(shown):,} more classes are not listed.")
    notes = (content.ingest or {}).get("notes") or ()
    if notes:
        parts.append(bullets(escaped(str(note), 400) for note in notes[:20]))
    return parts


def _training(content: ReportContent) -> list[str]:
    training = content.training
    if training is None:
        return ["## Training", "Not known."]
    facts = [(label, escaped(text)) for label, text in training_facts(content)]
    if training.summary is not None:
        facts.append(("Training doctor", escaped(training.summary.verdict)))
    parts = ["## Training"]
    parts.append(table(("field", "value"), facts) if facts else "The training has not ended.")
    options = flat_options(training.config)[:_MAX_OPTIONS]
    if options:
        rows = [(code(f"trainer.{key}"), code(shortened(value, 120))) for key, value in options]
        parts += ["### Configuration", table(("option", "value"), rows)]
    return parts


def _lineage(content: ReportContent) -> list[str]:
    provenance = content.provenance
    if provenance is None:
        return []
    rows = [
        (
            escaped(origin.role),
            code(shortened(origin.text, 400)),
            "" if origin.artifact_id is None else str(origin.artifact_id),
        )
        for origin in provenance.origins
    ]
    parts = ["## Where it comes from"]
    if rows:
        parts.append(table(("what", "where", "artifact in ML Metadata"), rows))
    if provenance.command:
        parts += ["This command repeats the evaluation:", block(provenance.command)]
    return parts if len(parts) > 1 else []
