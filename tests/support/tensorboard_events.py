"""What TensorBoard makes of the event files in a folder."""

from __future__ import annotations

from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import TENSORS, TensorEvent
from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator


def events_by_tag(folder: Path) -> dict[str, list[TensorEvent]]:
    """All events by tag, without those that a restart dropped."""
    accumulator = EventAccumulator(str(folder), size_guidance={TENSORS: 0})
    accumulator.Reload()
    return {tag: accumulator.Tensors(tag) for tag in accumulator.Tags()[TENSORS]}


def steps_by_tag(folder: Path) -> dict[str, list[int]]:
    """The steps of the events, in TensorBoard's order."""
    return {tag: [event.step for event in events] for tag, events in events_by_tag(folder).items()}
