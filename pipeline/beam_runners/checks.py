"""Whether Beam's runner can start: its options, its services, its workers. Checked before anything is written."""

from __future__ import annotations

from mocogan.pipeline.beam_runners.options import option_problems
from mocogan.pipeline.beam_runners.quiet_log import without_log
from mocogan.pipeline.beam_runners.services import service_problems
from mocogan.pipeline.config.loading import ConfigError
from mocogan.pipeline.config.settings import Config


def check_runner(config: Config) -> None:
    """Checks the Beam runner of a configuration. With `beam.runner=local` there is nothing to check.

    Prism, Flink and Spark also run a small job, which looks at the workers and at what they see. Dataflow needs
    minutes to start a worker, so only its options, its address and the credentials are checked.

    Raises:
        ConfigError: The runner cannot start. The message has a line for each problem, with the way out.
    """
    if config.beam.runner == "local":
        return
    problems = list(option_problems(config)) or list(service_problems(config.beam))
    if problems:
        raise ConfigError("\n".join(problems))
    if config.beam.runner == "dataflow":
        return
    from mocogan.pipeline.beam_runners.worker_check import WorkersUnfit, check_workers

    try:
        with without_log():
            check_workers(config)
    except WorkersUnfit as error:
        raise ConfigError(str(error)) from error
