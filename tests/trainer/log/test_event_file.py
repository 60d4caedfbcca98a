from __future__ import annotations

from pathlib import Path

import pytest
from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
from tensorboard.plugins.scalar.summary_v2 import scalar_pb

from mocogan.trainer.log.event_file import EventFile, gif_summary
from tests.support.object_store.objects import Objects
from tests.support.tensorboard_events import steps_by_tag


def test_a_restart_drops_what_earlier_files_and_the_same_file_have_from_its_step_on(
    tmp_path: Path,
) -> None:
    first = EventFile(str(tmp_path))
    first.restart(1)
    for step in (1, 2, 3):
        first.write(step, scalar_pb("loss", step))
    first.restart(3)
    first.write(4, scalar_pb("loss", 4))
    assert steps_by_tag(tmp_path)["loss"] == [1, 2, 4]
    second = EventFile(str(tmp_path))
    second.restart(2)
    assert len(list(tmp_path.iterdir())) == 1  # nothing to tell yet
    second.write(2, scalar_pb("loss", 2))
    second.write(3, scalar_pb("loss", 3))
    assert steps_by_tag(tmp_path)["loss"] == [1, 2, 3]


def test_descriptions_are_kept_once(tmp_path: Path) -> None:
    file = EventFile(str(tmp_path))
    file.write(1, scalar_pb("loss", 1, "How wrong it is."))
    [path] = tmp_path.iterdir()
    size = path.stat().st_size
    file.write(2, scalar_pb("loss", 2, "How wrong it is."))
    assert path.stat().st_size - size < 60
    accumulator = EventAccumulator(str(tmp_path))
    accumulator.Reload()
    assert accumulator.SummaryMetadata("loss").summary_description == "How wrong it is."
    assert [event.step for event in accumulator.Tensors("loss")] == [1, 2]


@pytest.mark.parametrize("lost", [1, 5, 40])
def test_an_event_that_a_kill_cut_off_costs_no_other_event(tmp_path: Path, lost: int) -> None:
    file = EventFile(str(tmp_path))
    file.write(1, scalar_pb("loss", 1))
    file.write(2, scalar_pb("loss", 2))
    [path] = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-lost])
    again = EventFile(str(tmp_path))
    again.restart(2)
    again.write(2, scalar_pb("loss", 20))
    assert steps_by_tag(tmp_path)["loss"] == [1, 2]


def test_a_gif_is_stored_as_it_is(tmp_path: Path) -> None:
    EventFile(str(tmp_path)).write(7, gif_summary("samples", b"GIF89a...", 12, 8, "Clips."))
    accumulator = EventAccumulator(str(tmp_path))
    accumulator.Reload()
    (event,) = accumulator.Tensors("samples")
    assert list(event.tensor_proto.string_val) == [b"12", b"8", b"GIF89a..."]
    assert accumulator.SummaryMetadata("samples").plugin_data.plugin_name == "images"


def test_at_an_address_a_large_file_ends_and_another_one_follows(
    stored_objects: Objects, gs_folder: str, tmp_path: Path
) -> None:
    file = EventFile(gs_folder)
    for step in (1, 2, 3):
        file.write(
            step, scalar_pb("loss", step), gif_summary("gif", b"x" * 600_000, 1, 1, "Clips.")
        )
    assert file.is_open
    file.close()
    assert not file.is_open
    names = stored_objects.names()
    assert len(names) == 2
    for name in names:
        content = stored_objects.content(name)
        assert content is not None
        (tmp_path / name.rpartition("/")[2]).write_bytes(content)
    assert steps_by_tag(tmp_path)["loss"] == [1, 2, 3]
