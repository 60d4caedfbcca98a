"""Runs the pipeline on this machine, through `tfx run create --engine=local` or as a script.

TFX passes no arguments to this file. The environment variable MOCOGAN_CONFIG names the configuration file (YAML).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from mocogan.data.address import is_remote
from mocogan.data.decoding.tfio.ffmpeg4 import DecoderUnavailable
from mocogan.data.decoding.video import check_decoder
from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.folder_contents import FileSystemUnavailable
from mocogan.data.source.listing import Listing, list_videos
from mocogan.pipeline.beam_runners.checks import check_runner
from mocogan.pipeline.config.loading import ConfigError, config_from_environment
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.errors import NOT_BLESSED, ExpectedError, print_error
from mocogan.pipeline.metadata.stores import other_store
from mocogan.pipeline.output_folder import check_writable
from mocogan.pipeline.runners.lasting_output import lasting_output
from mocogan.pipeline.runners.run_lock import RunLock
from mocogan.pipeline.runners.run_log import run_log
from mocogan.pipeline.runners.saved_config import save_config
from mocogan.trainer.contract import LATEST, NO_WARM_START
from mocogan.trainer.log.tracking.packages import PackageMissing, check_packages


def main() -> int:
    """Runs the pipeline with the configuration in MOCOGAN_CONFIG. Returns the exit status, 1 for an error."""
    with lasting_output():
        try:
            run_locally(config_from_environment())
        except ExpectedError as error:
            print_error(error)
            return 1
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            return 130
        return 0


def run_from_command_line(config: Config, require_blessing: bool = False) -> int:
    """Runs the pipeline, and saves its configuration as `<out>/config.yaml`. Returns the exit status.

    `require_blessing`: whether the status is NOT_BLESSED if the run did not push its model.

    Raises the errors of `run_locally`.
    """
    try:
        pipeline_run = run_locally(config, save=True)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    if require_blessing:
        from mocogan.pipeline.runners.summary import is_pushed

        return 0 if is_pushed(config, pipeline_run) else NOT_BLESSED
    return 0


def run_locally(config: Config, last_node: str | None = None, save: bool = False) -> str | None:
    """Checks the data, runs the pipeline node by node, and prints the summary.

    Args:
        config: All options of the pipeline.
        last_node: Id of the node to stop after, such as "Transform". Only this node and the nodes that it depends on
            run. No summary is printed.
        save: Whether the configuration is saved as `<out>/config.yaml`, once the data is checked.

    Returns:
        Id of the pipeline run in ML Metadata. None if no node ran, as in `tfx pipeline create`.

    Raises:
        ConfigError: the data folder, the decoder or the Beam runner cannot be used.
        AlreadyRunning: another process runs this pipeline in the same output folder.
        OutNotWritable: the output folder cannot be made or written.
        RunFailed: a node failed.
    """
    fingerprint = check_folders(config).fingerprint
    check_runner(config)
    if save:
        save_config(config)
    # TFX takes many seconds to import, so it is imported only after the configuration is checked.
    from tfx.orchestration.local.local_dag_runner import LocalDagRunner
    from tfx.orchestration.pipeline import RunOptions

    from mocogan.components.video_example_gen.driver import known_fingerprint
    from mocogan.pipeline.create_pipeline import create_pipeline
    from mocogan.pipeline.metadata.tfx_connection import connected
    from mocogan.pipeline.runners.openlineage_sender import sent_events
    from mocogan.pipeline.runners.site_after_run import site_after_run
    from mocogan.pipeline.runners.summary import run_summary

    dag = create_pipeline(config)
    options = RunOptions(to_nodes=[last_node]) if last_node else None
    with (
        site_after_run(config) as site,
        run_log(config, len(dag.components)) as log,
        known_fingerprint(config.data, fingerprint),
        sent_events(config),
        connected(dag, config.store),
    ):
        LocalDagRunner().run(dag, options)
    if log.node is not None and not last_node:
        print(run_summary(config, log.pipeline_run, site.page))
    return log.pipeline_run


def check_folders(config: Config) -> Listing:
    """Checks all that a run needs before its first node, and lists the videos in the data folder. Writes nothing.

    Raises:
        ConfigError: There are no videos, the output folder is not local, its store cannot be used, a package is
            missing, or the model to start from cannot be used.
        AlreadyRunning: Another process runs this pipeline in the same output folder.
        OutNotWritable: The output folder cannot be made or written.
        StoreUnreadable: Another version of ML Metadata wrote the store, or it is another SQLite file.
    """
    if is_remote(config.out):
        raise ConfigError(f"out={config.out} must be a local folder, except for Vertex AI")
    check_writable(config.out)
    RunLock(config.out, config.pipeline_name).check()
    problem = other_store(config.out, config.metadata)
    if problem or (problem := config.store.cannot_run(Path(config.pipeline_root))):
        raise ConfigError(problem)
    _check_version(config)
    _check_warm_start(config)
    try:
        check_packages(config.trainer.diagnostics)
        ingest = config.ingest
        listing = list_videos(config.data, ingest.images, ingest.dataset, ingest.view)
        check_decoder(ingest.decoder)
    except (
        OSError,
        DataSetError,
        FileSystemUnavailable,
        DecoderUnavailable,
        PackageMissing,
    ) as error:
        raise ConfigError(str(error)) from None
    if not listing.videos:
        raise ConfigError(f"data={config.data} contains no videos" + _why_none(listing))
    return listing


def _check_version(config: Config) -> None:
    from mocogan.pipeline.metadata.connection import connect  # loads ML Metadata

    if not config.store.is_new():
        connect(config.store)


def _check_warm_start(config: Config) -> None:
    start = config.trainer.run.warm_start
    if start in (NO_WARM_START, LATEST):
        return
    from mocogan.components.warm_start.chosen_start import NoBase, model_at  # loads TensorFlow

    try:
        model_at(start)
    except NoBase as error:
        raise ConfigError(f"trainer.run.{error}") from None


def _why_none(listing: Listing) -> str:
    if not listing.rejected:
        return "".join(f". Note: {note}" for note in listing.notes)
    first = listing.rejected[0]
    return (
        f". Rejected files: {len(listing.rejected)}. The first is "
        f"{os.fsdecode(first.video_id)!r}: {first.code}: {first.message}"
    )


if __name__ == "__main__":
    if status := main():
        sys.exit(status)
