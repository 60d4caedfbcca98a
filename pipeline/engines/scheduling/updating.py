"""Changes a schedule: its times alone, or what it runs too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mocogan.pipeline.engines.compiled_input import service_config
from mocogan.pipeline.engines.compiled_spec import CompiledSpec
from mocogan.pipeline.engines.opening import open_schedules
from mocogan.pipeline.engines.scheduling.cron import Cron, parse_cron, time_zone
from mocogan.pipeline.engines.scheduling.planning import planned
from mocogan.pipeline.engines.scheduling.schedule import Schedule, Schedules
from mocogan.pipeline.errors import ExpectedError

_CONTENT_OPTIONS = ("path", "preset", "data")  # of `load_config`: they say what to run


class NothingToChange(ExpectedError):
    """The user names nothing new."""


class Change(NamedTuple):
    """A schedule after a change, and what was done, for a sentence."""

    schedule: Schedule
    what: str


def update_schedule(
    *,
    name: str,
    engine: str,
    cron: str | None,
    zone: str | None,
    options: Mapping[str, Any],
    spec: str | None,
    parameters: Mapping[str, str],
    via: str | None,
    timeout: float,
    agree: Callable[[Schedules, Any], bool],
    dry_run: Callable[[str], None] | None,
) -> Change | None:
    """Changes a schedule.

    Args:
        name: Its name or id.
        engine: VERTEX, KUBEFLOW or LOCAL.
        cron: New times. None: as they are.
        zone: Their time zone. None: as it is.
        options: Arguments of `load_config`. With a file, a preset or a data folder, the pipeline is compiled.
        spec: File with a compiled pipeline.
        parameters: Runtime parameters, as texts. The others stay as they are.
        via: What starts runs on this machine. None: as it is.
        timeout: Seconds to wait for an answer, and to try again.
        agree: Asks the user before something is installed.
        dry_run: Prints the request, and nothing is changed. None: it is changed.

    Returns:
        The change. None: the user does not agree, or it was a dry run.

    Raises:
        NothingToChange: there is nothing new.
        NoSuchSchedule: there is no such schedule.
        BadCron, BadTimeZone: the times are not valid.
    """
    has_content = spec or any(options.get(option) for option in _CONTENT_OPTIONS)
    if parameters and not has_content:
        raise NothingToChange("--parameter needs the pipeline too: --config or --spec")
    if not (has_content or cron or zone):
        raise NothingToChange("nothing to change. Use --cron, --time-zone, --config or --spec")
    parsed = parse_cron(cron) if cron else None
    if zone:
        time_zone(zone)
    schedules = open_schedules(engine, service_config(options), timeout, via)
    old = schedules.find(name)
    times, place = parsed or parse_cron(old.cron), zone or old.time_zone
    if not has_content:
        return _change_times(schedules, old, times, place, dry_run)
    with planned(engine, options, spec, timeout, via or old.details.get("via")) as plan:
        plan.schedules.check_zone(place)
        kept = _kept_parameters(old, plan.spec)
        request = plan.request(old.name, times, place, {**kept, **parameters})
        if dry_run:
            dry_run(plan.schedules.request_text(request))
            return None
        if not plan.schedules.is_changed(old, request):
            return _times_if_new(plan.schedules, old, times, place)
        if not agree(plan.schedules, request):
            return None
        return Change(plan.schedules.replace(old, request), "is replaced")


def _kept_parameters(old: Schedule, spec: CompiledSpec | None) -> dict[str, str]:
    """The runtime parameters of a schedule that the new pipeline has too, as texts."""
    if spec is None:
        return {}
    values = old.details["parameters"]
    return {
        name: f"{values[name]:.17g}" if isinstance(values[name], float) else str(values[name])
        for name in values
        if name in spec.parameters
    }


def _change_times(
    schedules: Schedules,
    old: Schedule,
    cron: Cron,
    zone: str,
    dry_run: Callable[[str], None] | None,
) -> Change | None:
    schedules.check_zone(zone)
    if dry_run:
        dry_run(f"{old.name}: {old.cron} {old.time_zone} -> {cron.text} {zone}")
        return None
    return _times_if_new(schedules, old, cron, zone)


def _times_if_new(schedules: Schedules, old: Schedule, cron: Cron, zone: str) -> Change:
    if (cron.text, zone) == (old.cron, old.time_zone):
        return Change(old, "is unchanged")
    return Change(schedules.change_times(old, cron, zone), "has new times")
