"""`mocogan schedule`: runs that start at set times, on Vertex AI, on Kubeflow or on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from mocogan.pipeline.cli.options import (
    config_option,
    config_options,
    json_option,
    parameter_option,
    parameters_of,
    set_option,
    spec_option,
    timeout_option,
)
from mocogan.pipeline.cli.verbosity import quiet_option
from mocogan.pipeline.engines.engine_names import ENGINES

if TYPE_CHECKING:
    from mocogan.pipeline.engines.scheduling.schedule import Schedule, Schedules

_LOCAL = "local"

_engine_option = click.option(
    "--engine", type=click.Choice((*ENGINES, _LOCAL)), required=True, help="Where to run."
)
_zone_option = click.option(
    "--time-zone", metavar="ZONE", help="Time zone of the times, such as Europe/Berlin."
)
_via_option = click.option(
    "--via",
    type=click.Choice(("systemd", "cron")),
    help="What starts local runs. [default: systemd if it runs]",
)
_dry_run_option = click.option("--dry-run", is_flag=True, help="Only print what would be sent.")
_yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


def _service_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of commands that compile nothing: where the service is."""
    for option in (timeout_option, set_option, config_option, _engine_option):
        command = option(command)
    return command


@click.group()
def schedule() -> None:
    """Make, list, change and delete schedules of runs.

    One run of a schedule runs at a time, and times that were missed are left out. NAME is the name of a schedule or its
    id.
    """


@schedule.command()
@_engine_option
@click.option("--cron", required=True, help='Five fields of cron, such as "0 3 * * *".')
@_zone_option
@click.option("--name", help="Name of the schedule. [default: the name of the pipeline]")
@config_options
@spec_option
@parameter_option
@_via_option
@timeout_option
@_dry_run_option
@_yes_option
@json_option
@quiet_option
def create(
    engine: str,
    cron: str,
    time_zone: str | None,
    name: str | None,
    spec: str | None,
    parameters: tuple[str, ...],
    via: str | None,
    timeout: float,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Run the pipeline at set times.

    The configuration is compiled first, unless --spec names a compiled pipeline. Changes of the configuration, the code
    or the image need `mocogan schedule update`.
    """
    from mocogan.pipeline.engines.scheduling import cron as times
    from mocogan.pipeline.engines.scheduling.planning import planned

    given, parsed = parameters_of(parameters), times.parse_cron(cron)
    if time_zone:
        times.time_zone(time_zone)
    with planned(engine, options, spec, timeout, via, connect=not dry_run) as plan:
        zone = time_zone or plan.schedules.default_zone
        plan.schedules.check_zone(zone)
        request = plan.request(name, parsed, zone, given)
        if dry_run:
            click.echo(plan.schedules.request_text(request))
            return
        if not _agreed(engine, plan.schedules, request, yes, as_json):
            return
        made = plan.schedules.create(request)
    _show_done(f"schedule {made.name} is made", made, as_json)


@schedule.command(name="list")
@_service_options
@json_option
def list_schedules(engine: str, timeout: float, as_json: bool, **options: Any) -> None:
    """List the schedules: state, times, next run, pipeline, id."""
    from mocogan.pipeline.engines.scheduling.text import schedule_json, schedules_table

    found = _opened(engine, options, timeout).all()
    if as_json:
        click.echo(json.dumps([schedule_json(one) for one in found], indent=2))
    else:
        click.echo(schedules_table(found) if found else f"no schedules on {engine}")


@schedule.command()
@click.argument("name")
@_service_options
@json_option
def show(name: str, engine: str, timeout: float, as_json: bool, **options: Any) -> None:
    """Show all about a schedule."""
    from mocogan.pipeline.engines.scheduling.text import schedule_details, schedule_json

    found = _opened(engine, options, timeout).find(name)
    click.echo(json.dumps(schedule_json(found), indent=2) if as_json else schedule_details(found))


@schedule.command()
@click.argument("name")
@_service_options
@json_option
def pause(name: str, engine: str, timeout: float, as_json: bool, **options: Any) -> None:
    """Start no more runs until the schedule is resumed."""
    from mocogan.pipeline.engines.scheduling.schedule import PAUSED

    schedules = _opened(engine, options, timeout)
    found = schedules.find(name)
    if found.state != PAUSED:
        schedules.pause(found)
    paused = found._replace(state=PAUSED, next_run=None)
    _show_state(f"schedule {found.name} is paused", paused, as_json)


@schedule.command()
@click.argument("name")
@_service_options
@json_option
def resume(name: str, engine: str, timeout: float, as_json: bool, **options: Any) -> None:
    """Start runs again. Times that passed meanwhile are left out."""
    from mocogan.pipeline.engines.scheduling.schedule import ACTIVE

    schedules = _opened(engine, options, timeout)
    found = schedules.find(name)
    if found.state != ACTIVE:
        found = schedules.resume(found)
    _show_state(f"schedule {found.name} is active", found, as_json)


@schedule.command()
@click.argument("name")
@_engine_option
@click.option("--cron", help="New times: five fields of cron.")
@_zone_option
@config_options
@spec_option
@parameter_option
@_via_option
@timeout_option
@_dry_run_option
@_yes_option
@json_option
@quiet_option
def update(
    name: str,
    engine: str,
    cron: str | None,
    time_zone: str | None,
    spec: str | None,
    parameters: tuple[str, ...],
    via: str | None,
    timeout: float,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Change the times of a schedule, or what it runs.

    With a data folder, a configuration or --spec, the pipeline is compiled and put in place of the old one if it
    differs. Services get a new schedule for this, and the old one is deleted. A paused schedule stays paused.
    """
    from mocogan.pipeline.engines.scheduling.updating import update_schedule

    changed = update_schedule(
        name=name,
        engine=engine,
        cron=cron,
        zone=time_zone,
        options=options,
        spec=spec,
        parameters=parameters_of(parameters),
        via=via,
        timeout=timeout,
        agree=lambda schedules, request: _agreed(engine, schedules, request, yes, as_json),
        dry_run=click.echo if dry_run else None,
    )
    if changed:
        _show_done(f"schedule {changed.schedule.name} {changed.what}", changed.schedule, as_json)


@schedule.command()
@click.argument("name")
@_service_options
@_yes_option
@json_option
def delete(
    name: str, engine: str, timeout: float, yes: bool, as_json: bool, **options: Any
) -> None:
    """Delete a schedule. Its runs stay."""
    from mocogan.pipeline.engines.scheduling.schedule import ENDED

    schedules = _opened(engine, options, timeout)
    found = schedules.find(name)
    question = f"delete schedule {found.name} ({found.cron} {found.time_zone})?"
    if yes or click.confirm(question, err=as_json):
        schedules.delete(found)
        ended = found._replace(state=ENDED, next_run=None)
        _show_state(f"schedule {found.name} is deleted", ended, as_json)


@schedule.command()
@click.argument("name")
def run(name: str) -> None:
    """Run a schedule of this machine now, as its timer does.

    NAME can also be the folder of the schedule. The output goes to the log of the schedule.
    """
    from pathlib import Path

    from mocogan.pipeline.engines.local.definition import schedules_folder
    from mocogan.pipeline.engines.local.scheduled_run import run_schedule

    run_schedule(Path(name) if "/" in name else schedules_folder() / name)


def _opened(engine: str, options: dict[str, Any], timeout: float) -> Schedules:
    from mocogan.pipeline.engines.compiled_input import service_config
    from mocogan.pipeline.engines.opening import open_schedules

    return open_schedules(engine, service_config(options), timeout)


def _agreed(engine: str, schedules: Schedules, request: Any, yes: bool, as_json: bool) -> bool:
    """Asks before this machine is changed. With JSON, on standard error."""
    if engine != _LOCAL or yes:
        return True
    click.echo(schedules.request_text(request), err=as_json)
    return click.confirm("install?", err=as_json)


def _show_done(line: str, made: Schedule, as_json: bool) -> None:
    from mocogan.pipeline.engines.scheduling.text import next_run_text

    coming = next_run_text(made)
    _show_state(line + (f". The next run is on {coming}" if coming else ""), made, as_json)


def _show_state(line: str, changed: Schedule, as_json: bool) -> None:
    from mocogan.pipeline.engines.scheduling.text import schedule_json

    click.echo(json.dumps(schedule_json(changed), indent=2) if as_json else line)
