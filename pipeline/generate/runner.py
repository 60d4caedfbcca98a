"""Generates clips with a model, and writes them as a folder."""

from __future__ import annotations

import hashlib
import os
import sys

import tensorflow as tf

from mocogan.components.reports.readable_text import visible
from mocogan.components.video_evaluator.sampling import ClipModel, OutputContractError
from mocogan.data import atomic
from mocogan.data.address import is_remote
from mocogan.data.encoding.formats import FASTEST_ANIMATION, FORMATS, UNKNOWN_RATE
from mocogan.data.encoding.registry import encode_clip
from mocogan.data.progress import progress
from mocogan.data.verbosity import is_quiet
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.generate.caption_notes import caption_notes
from mocogan.pipeline.generate.clip_source import ClipSource
from mocogan.pipeline.generate.layouts import check_size, clip_files, work_units
from mocogan.pipeline.generate.request import GenerateRequest
from mocogan.pipeline.generate.result import (
    RESULT_FILE,
    Generated,
    GeneratedFile,
    UsedModel,
    earlier_files,
    used_versions,
)
from mocogan.pipeline.model_choice import ChosenModel, choose_model
from mocogan.pipeline.output_folder import not_writable
from mocogan.pipeline.result_folder import check_result_folder
from mocogan.pipeline.runners.run_log import cause


class GenerationFailed(ExpectedError):
    """There is no result. The message says why."""


def run_generate(
    model: str | None,
    request: GenerateRequest,
    out: str,
    *,
    force: bool = False,
    as_json: bool = False,
    command: str = "",
) -> int:
    """Generates clips, writes them into the folder `out`, and prints where they are.

    Args:
        model: See `choose_model`.
        request: What is to be generated.
        out: Folder to write. An earlier result in it is replaced.
        force: Whether the model may be one that is not blessed.
        as_json: Whether the content of `generated.json` is printed instead of one line.
        command: The command line, for `generated.json`.

    Returns:
        The exit status: 0, or 130 after Ctrl-C.

    Raises:
        GenerationFailed: The model, an option or the folder cannot be used. The folder is not changed.
    """
    try:
        generated = generate(model, request, out, force=force, command=command)
    except (
        ExpectedError,
        OutputContractError,
        tf.errors.OpError,
        OSError,
        MemoryError,
    ) as error:
        raise GenerationFailed(visible(cause(error))) from error
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    print(generated.model_dump_json(indent=2) if as_json else _last_line(generated, out))
    return 0


def generate(
    model: str | None,
    request: GenerateRequest,
    out: str,
    *,
    force: bool = False,
    command: str = "",
) -> Generated:
    """Generates clips and writes them into the folder `out`, see `run_generate`. Notes are printed before it draws."""
    check_result_folder(out, RESULT_FILE, earlier_files(out), "generation")
    chosen = choose_model(model, force)
    clip_model = ClipModel(chosen.folder)
    num_frames = request.num_frames
    if request.interpolate == "content" and num_frames is None:
        num_frames = len(request.seeds) * clip_model.clip_shape[0]
    about_caption = caption_notes(clip_model, request.caption) if request.caption else ()
    source = ClipSource(clip_model, request.label, num_frames, request.truncation, request.caption)
    check_size(request, source.num_frames, source.height, source.width)
    fps, notes = _frame_rate(request, chosen)
    notes += about_caption
    for note in () if is_quiet() else notes:
        print(f"note: {visible(note)}", file=sys.stderr, flush=True)
    try:
        with atomic.new_folder(out) as aside:
            generated = Generated(
                command=command,
                model=UsedModel(path=_absolute(chosen.folder), sha256=chosen.sha256),
                format=request.format,
                fps=fps,
                frames=source.num_frames,
                scale=request.scale,
                truncation=request.truncation,
                caption=request.caption,
                notes=notes,
                files=_write_files(aside, source, request, fps),
                versions=used_versions(),
            )
            content = generated.model_dump_json(indent=2).encode()
            atomic.write_file(os.path.join(aside, RESULT_FILE), content)
    except OSError as error:  # the model is in memory by now
        raise not_writable(out, error) from error
    return generated


def _write_files(
    folder: str, source: ClipSource, request: GenerateRequest, fps: float
) -> tuple[GeneratedFile, ...]:
    """Encodes each file as soon as it is drawn."""
    written = []
    total, unit = work_units(request, source.num_frames)
    with progress("generating", total, unit) as bar:
        for file in clip_files(source, request, bar):
            content = encode_clip(file.clip, request.format, fps, request.scale)
            name = file.name + FORMATS[request.format].extension
            atomic.write_file(os.path.join(folder, name), content)
            written.append(
                GeneratedFile(
                    file=name,
                    sha256=hashlib.sha256(content).hexdigest(),
                    seeds=file.seeds,
                    motion_seeds=file.motion_seeds,
                    labels=file.labels,
                )
            )
    return tuple(written)


def _frame_rate(request: GenerateRequest, chosen: ChosenModel) -> tuple[float, tuple[str, ...]]:
    """Frames per second, and notes on the model and on the rate."""
    notes = [chosen.note] if chosen.note else []
    known = chosen.description.frame_rate if chosen.description else None
    fps = request.fps or known
    if fps is None:
        fps = UNKNOWN_RATE
        notes.append(
            f"the model does not know its frame rate, so clips play at {fps:g} frames per second. Set --fps"
        )
    if fps > FASTEST_ANIMATION and FORMATS[request.format].is_animated_image:
        notes.append(
            f"players slow down a {request.format} of more than {FASTEST_ANIMATION:g} frames per second. Use mp4"
        )
    return fps, tuple(notes)


def _absolute(folder: str) -> str:
    return folder if is_remote(folder) else os.path.abspath(folder)


def _last_line(generated: Generated, out: str) -> str:
    """Where the files are."""
    first, last = generated.files[0].file, generated.files[-1].file
    if len(generated.files) == 1:
        return visible(os.path.join(out, first))
    return visible(f"{len(generated.files)} clips in {out}: {first} to {last}")
