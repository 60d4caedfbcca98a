"""Runs VideoExampleGen: decodes and splits in Beam, then reports."""

from __future__ import annotations

import os
from typing import Any

import apache_beam as beam
from absl import logging
from tfx import types
from tfx.components.example_gen.base_example_gen_executor import BaseExampleGenExecutor
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_component_specs

from components.code_fingerprint import CODE_FINGERPRINT_KEY
from components.custom_properties import set_custom_properties
from components.video_example_gen import report as reports
from components.video_example_gen.clips_from_videos import ClipsFromVideos, Video
from components.video_example_gen.outcomes import VideoOutcome
from components.video_example_gen.splits import EVAL, TRAIN, Tally, TallyVideos, split_of
from components.video_example_gen.video_progress import shown_progress
from data.decoding import check_decoder
from data.film_strip import is_film_strip
from data.listing import list_videos
from data.spec import IngestSpec

INGEST_SPEC_KEY = "ingest_spec"
INGEST_REPORT_KEY = "ingest_report"

_OUTCOMES_SUFFIX = ".jsonl"


class Executor(BaseExampleGenExecutor):
    """A folder of videos -> serialised tf.Examples of clips in the splits 'train' and 'eval', and a report."""

    _outcomes_folder: str

    def GetInputSourceToExamplePTransform(self) -> beam.PTransform:
        raise NotImplementedError(
            "the splits need all videos' outcomes: see GenerateExamplesByBeam"
        )

    def GenerateExamplesByBeam(
        self, pipeline: beam.Pipeline, exec_properties: dict[str, Any]
    ) -> dict[str, beam.PCollection[bytes]]:
        """Decodes every video below `input_base`; clips go to the split of their video."""
        spec = IngestSpec.model_validate_json(exec_properties[INGEST_SPEC_KEY])
        folder = exec_properties[standard_component_specs.INPUT_BASE_KEY]
        clips, outcomes = (
            pipeline
            | "DataFolder" >> beam.Create([os.fsencode(folder)])
            | "Videos" >> beam.FlatMap(_videos_below)
            | "ClipsFromVideos" >> ClipsFromVideos(spec)
        )
        outcomes | "OutcomesFile" >> beam.io.WriteToText(
            os.path.join(self._outcomes_folder, "outcomes"), file_name_suffix=_OUTCOMES_SUFFIX
        )
        tally = (
            outcomes
            | "AcceptedVideos" >> beam.FlatMap(_accepted_video_id)
            | "Tally" >> beam.CombineGlobally(TallyVideos(spec.eval_fraction))
        )
        return {
            split: clips
            | f"ClipsIn[{split}]"
            >> beam.Filter(_is_in, split, beam.pvalue.AsSingleton(tally), spec.eval_fraction)
            | f"Examples[{split}]" >> beam.Values()
            for split in (TRAIN, EVAL)
        }

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes `examples` and `ingest_report`. Raises NoUsableVideos when no file gives a clip."""
        spec = IngestSpec.model_validate_json(exec_properties[INGEST_SPEC_KEY])
        folder = exec_properties[standard_component_specs.INPUT_BASE_KEY]
        report_artifact = artifact_utils.get_single_instance(output_dict[INGEST_REPORT_KEY])
        examples = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.EXAMPLES_KEY]
        )
        self._outcomes_folder = os.path.join(report_artifact.uri, "outcomes")
        check_decoder(spec.decoder)
        num_files = len(list_videos(folder))
        if not num_files:
            raise reports.no_files(folder)
        with shown_progress(num_files):
            super().Do(input_dict, output_dict, exec_properties)
        report = self._report(spec, folder)
        reports.write_report(report, report_artifact.uri)
        fileio.rmtree(self._outcomes_folder)
        described = _described(report, spec, exec_properties[CODE_FINGERPRINT_KEY])
        for artifact in (examples, report_artifact):
            set_custom_properties(artifact, described)

    def _report(self, spec: IngestSpec, folder: str) -> dict[str, Any]:
        outcomes = _read_outcomes(self._outcomes_folder)
        if not any(outcome.accepted for outcome in outcomes):
            raise reports.no_accepted_video(folder, outcomes)
        notes = _decoder_notes(outcomes, spec, folder)
        report = reports.ingest_report(outcomes, spec, folder, notes)
        for rejected in report["videos"]["rejected"]:
            logging.warning("rejected %(path)s: %(code)s: %(message)s", rejected)
        return report


def _videos_below(folder: bytes) -> list[Video]:
    return [
        (os.fsencode(video.path), video.video_id, video.label)
        for video in list_videos(os.fsdecode(folder))
    ]


def _accepted_video_id(outcome_json: str) -> list[bytes]:
    outcome = VideoOutcome.from_json(outcome_json)
    return [outcome.video_id] if outcome.accepted else []


def _is_in(clip: tuple[bytes, bytes], split: str, tally: Tally, eval_fraction: float) -> bool:
    return split_of(clip[0], tally, eval_fraction) == split


def _read_outcomes(folder: str) -> list[VideoOutcome]:
    """All videos' outcomes, sorted by video."""
    outcomes: list[VideoOutcome] = []
    for name in fileio.listdir(folder):
        if name.endswith(_OUTCOMES_SUFFIX):
            with fileio.open(os.path.join(folder, name), "r") as file:
                outcomes.extend(VideoOutcome.from_json(line) for line in file.read().splitlines())
    return sorted(outcomes, key=lambda outcome: outcome.video_id)


def _decoder_notes(outcomes: list[VideoOutcome], spec: IngestSpec, folder: str) -> list[str]:
    if spec.decoder == "tfio" and any(
        outcome.accepted and _is_film_strip(os.fsencode(folder), outcome.video_id)
        for outcome in outcomes
    ):
        return ["film strips are read without tensorflow-io"]
    return []


def _is_film_strip(folder: bytes, video_id: bytes) -> bool:
    with open(os.path.join(folder, video_id), "rb") as file:
        return is_film_strip(file.read(8))


def _described(
    report: dict[str, Any], spec: IngestSpec, code_fingerprint: str
) -> dict[str, int | str]:
    """What a person looks for in the lineage."""
    return {
        "clips": report["clips"],
        "train_clips": report["splits"][TRAIN]["clips"],
        "eval_clips": report["splits"][EVAL]["clips"],
        "videos_accepted": report["videos"]["accepted"],
        "videos_rejected": len(report["videos"]["rejected"]),
        "num_frames": spec.num_frames,
        "height": spec.stored_size,
        "width": spec.stored_size,
        "decoder": spec.decoder,
        CODE_FINGERPRINT_KEY: code_fingerprint,
    }
