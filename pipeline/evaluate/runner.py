"""Evaluates a model or clips, and writes the result as a folder."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

import tensorflow as tf

from mocogan.components.code_fingerprint import code_fingerprint
from mocogan.components.report_gen.content import CARD_FILE, PAGE_FILE, Origin, Provenance
from mocogan.components.report_gen.gather import Folders, gather
from mocogan.components.report_gen.written_report import write_report
from mocogan.components.reports.readable_text import visible
from mocogan.components.video_evaluator import evaluation as evaluations
from mocogan.components.video_evaluator.evaluation import Evaluation
from mocogan.components.video_evaluator.galleries.names import GALLERIES_FOLDER
from mocogan.components.video_evaluator.real_data import NotEnoughClips
from mocogan.components.video_evaluator.report import (
    REPORT_FILE,
    EvaluationReport,
)
from mocogan.components.video_evaluator.sampling import OutputContractError
from mocogan.components.video_evaluator.written_evaluation import write_evaluation
from mocogan.components.video_example_gen.report.ingest_report import (
    REPORT_FILE as INGEST_REPORT_FILE,
)
from mocogan.data import atomic
from mocogan.evaluation.feature_cache import FeatureCache
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.errors import NOT_BLESSED, ExpectedError
from mocogan.pipeline.evaluate.candidate import Candidate, open_candidate
from mocogan.pipeline.evaluate.real_clips import check_fit, ingest_for, ingested_files
from mocogan.pipeline.evaluate.table import as_table
from mocogan.pipeline.model_choice import find_saved_model
from mocogan.pipeline.result_folder import check_result_folder
from mocogan.pipeline.runners.run_log import cause

_OTHER_FILES = (GALLERIES_FOLDER, PAGE_FILE, CARD_FILE)
_INGEST_FOLDER = "ingest"  # in the unfinished output folder, for clips of this evaluation only


class EvaluationFailed(ExpectedError):
    """There is no result. The message says why."""


def run_evaluate(path: str, config: Config, baseline: str | None, as_json: bool) -> int:
    """Evaluates a model or clips, writes the result into `config.out`, and prints it.

    Args:
        path: A SavedModel, a folder of numbered SavedModels, or a folder of clips.
        config: The options `data`, `out`, `ingest`, `evaluator`, `workers` and `beam_args` are used. `data` is the
            output folder of an ingest, or a folder of videos.
        baseline: SavedModel to compare the model with. None: there is none.
        as_json: Whether the content of `evaluation.json` is printed instead of a table.

    Returns:
        The exit status: 0 for a blessed model, 3 for a model that is not blessed and for clips, 130 after Ctrl-C.

    Raises:
        EvaluationFailed: An input or the output folder cannot be used. The output folder is not changed.
    """
    try:
        report = evaluate(path, config, baseline)
    except (
        ExpectedError,
        OutputContractError,
        NotEnoughClips,
        tf.errors.OpError,
        OSError,
        MemoryError,
    ) as error:
        raise EvaluationFailed(visible(cause(error))) from error
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    if as_json:
        print(report.model_dump_json(indent=2))
    else:
        print(as_table(report))
        print(f"report: {visible(config.out)}/{PAGE_FILE}")
    return 0 if report.verdict.blessed else NOT_BLESSED


def evaluate(path: str, config: Config, baseline: str | None) -> EvaluationReport:
    """Evaluates a model or clips, and writes the result into `config.out`, see `run_evaluate`."""
    check_result_folder(config.out, REPORT_FILE, _OTHER_FILES, "evaluation")
    baseline_path = _find_baseline(baseline)
    candidate = open_candidate(path, config.evaluator.num_clips, config.evaluator.seed)
    if candidate.clips is not None and baseline is not None:
        raise EvaluationFailed(f"{path} contains clips. Only a model is compared with --baseline")
    files = ingested_files(config.data)
    if files and config.ingest.model_fields_set:
        name = min(config.ingest.model_fields_set)
        raise EvaluationFailed(
            f"{config.data} is already ingested, so ingest.{name} has no effect. Remove it, or give "
            "the folder of the videos"
        )
    with atomic.new_folder(config.out) as aside:
        ingest_folder = f"{aside}/{_INGEST_FOLDER}"
        files = files or ingest_for(candidate, config, ingest_folder)
        result = _evaluate(candidate, baseline_path, files, config)
        shutil.rmtree(ingest_folder, ignore_errors=True)
        write_evaluation(aside, result)
        content = gather(
            _folders(aside, config.data),
            name=os.path.basename(config.data),
            provenance=_provenance(path, baseline_path, config),
        )
        write_report(aside, content)
    return result.report


def _folders(evaluation: str, data: str) -> Folders:
    has_report = os.path.exists(f"{data}/{INGEST_REPORT_FILE}")
    return Folders(evaluation=evaluation, ingest_report=data if has_report else None)


def _provenance(path: str, baseline: str | None, config: Config) -> Provenance:
    origins = [Origin("candidate", path), Origin("real clips", config.data)]
    if baseline is not None:
        origins.append(Origin("baseline", baseline))
    command = shlex.join(["mocogan", "evaluate", path, "--data", config.data])
    return Provenance(origins, changes=None, command=command)


def _evaluate(
    candidate: Candidate, baseline: str | None, files: dict[str, list[str]], config: Config
) -> Evaluation:
    real = check_fit(candidate, files, config.data)
    cache, cache_notes = _feature_cache()
    if candidate.clips is None:
        result = evaluations.evaluate_model(
            candidate.path, baseline, real.split_files, config.evaluator, cache
        )
    else:
        result = evaluations.evaluate_clips(
            candidate.clips, real.split_files, real.clip_format, config.evaluator, cache
        )
    return _with_notes(result, (*candidate.notes, *real.notes, *cache_notes))


def _with_notes(result: Evaluation, notes: tuple[str, ...]) -> Evaluation:
    protocol = result.report.protocol
    assert protocol is not None  # a model of unknown clips is an error of the command
    protocol = protocol.model_copy(update={"notes": (*protocol.notes, *notes)})
    return result._replace(report=result.report.model_copy(update={"protocol": protocol}))


def _find_baseline(path: str | None) -> str | None:
    folder = None if path is None else find_saved_model(path)
    if path is not None and folder is None:
        raise EvaluationFailed(f"--baseline {path} is not a SavedModel")
    return folder


def _feature_cache() -> tuple[FeatureCache, tuple[str, ...]]:
    """Return the cache in the user's cache folder, or no cache and a note if nobody can write there."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / "probe"
        atomic.write_file(probe, b"")
        probe.unlink()
    except OSError as error:
        note = f"features were not kept for the next evaluation: {error}"
        return FeatureCache(None), (note,)
    return FeatureCache(str(folder), code_fingerprint(evaluations.__name__)), ()


def cache_folder() -> Path:
    """Returns the folder for features of clips, by the XDG Base Directory Specification."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return root / "mocogan" / "evaluation"
