import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.isolation.isolated_decoder import DecodingFailed, IsolatedDecoder
from mocogan.data.decoding.video import decode_video
from mocogan.data.rejection import VideoRejected
from tests.support.corpus.bombs import gif_of_nothing, png_of_zeros, still_film
from tests.support.corpus.films import write_film

# A clip takes 48 KiB, so that the hundred clips of `film` do not fit into a pipe.
CONFIG = IngestConfig(num_frames=4, size=64, decode_timeout=30)


def children() -> list[int]:
    """Every process that this one has started and not yet buried."""
    tasks = Path("/proc/self/task").iterdir()
    return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition, seconds=10.0) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def number_of_clips(decoder, path) -> int:
    with decoder.decode(path) as video:
        return sum(1 for _ in video.clips)


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """400 frames within half a second of playing time, so that this adds next to nothing to a limit."""
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    random = np.random.default_rng(0)
    frames = random.integers(0, 256, (400, 16, 16, 3), np.uint8)
    return write_film(path, frames, milliseconds=range(400))


@pytest.fixture
def short_film(tmp_path, write_video, gray_frames) -> Path:
    return write_video(tmp_path / "short.mp4", gray_frames(8))


@pytest.fixture
def decoder():
    before = children()
    decoder = IsolatedDecoder(CONFIG)
    yield decoder
    decoder.close()
    assert set(children()) <= set(before), "a process was left"


@pytest.fixture
def child(decoder, short_film) -> int:
    """The process that serves `decoder`."""
    before = children()
    number_of_clips(decoder, short_film)
    (pid,) = set(children()) - set(before)
    return pid


def test_gives_what_decoding_in_this_process_gives(film):
    config = CONFIG.model_copy(update={"clips_per_video": 3, "clip_placement": "random"})
    decoder = IsolatedDecoder(config)

    with decode_video(str(film), config, b"v\xff") as video:
        expected, facts = list(video.clips), video.facts
    with decoder.decode(str(film), b"v\xff") as video:
        clips = list(video.clips)
    decoder.close()

    assert video.facts == facts
    assert [(clip.index, clip.start_seconds) for clip in clips] == [
        (clip.index, clip.start_seconds) for clip in expected
    ]
    np.testing.assert_array_equal([c.frames for c in clips], [c.frames for c in expected])
    assert clips[0].frames.dtype == np.uint8


def test_one_process_serves_many_videos_until_it_is_closed(decoder, child, film, short_film):
    assert number_of_clips(decoder, film) == 100
    with pytest.raises(VideoRejected, match="open_failed"), decoder.decode("/no/such/film"):
        pass
    assert number_of_clips(decoder, short_film) == 2
    assert is_running(child)

    decoder.close()

    assert not is_running(child)
    assert number_of_clips(decoder, short_film) == 2


def test_a_rejection_may_come_after_some_clips(decoder, child, film, tmp_path):
    content = bytearray(film.read_bytes())
    middle = len(content) // 2  # pictures take nearly all of the file
    content[middle : middle + 3000] = bytes(3000)
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(content)
    clips = []

    with pytest.raises(VideoRejected, match="corrupt_frames"), decoder.decode(damaged) as video:
        clips.extend(video.clips)

    assert 0 < len(clips) < 100
    assert number_of_clips(decoder, film) == 100
    assert is_running(child)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_crash_costs_one_video(decoder, child, film, short_film, number):
    with decoder.decode(film) as video:
        next(video.clips)
        os.kill(child, number)
        with pytest.raises(VideoRejected, match=f"decoder_crash: .*{number.name}"):
            list(video.clips)

    assert number_of_clips(decoder, short_film) == 2
    assert not is_running(child)


def test_a_death_between_videos_costs_none(decoder, child, short_film):
    os.kill(child, signal.SIGKILL)

    assert number_of_clips(decoder, short_film) == 2


@contextmanager
def stopped_for(seconds: float, pid: int):
    """Stops the process, and lets it go on after so many seconds."""
    os.kill(pid, signal.SIGSTOP)
    timer = threading.Timer(seconds, os.kill, (pid, signal.SIGCONT))
    timer.start()
    yield
    timer.join()


def test_a_hang_costs_one_video(film, short_film):
    decoder = IsolatedDecoder(CONFIG, hang_seconds=2.0)
    before = children()
    with decoder.decode(film) as video:
        next(video.clips)
        (child,) = set(children()) - set(before)
        os.kill(child, signal.SIGSTOP)
        with pytest.raises(VideoRejected, match=r"decode_timeout: .*nothing happened for 2 s"):
            list(video.clips)

    assert not is_running(child)
    assert number_of_clips(decoder, short_film) == 2
    decoder.close()


def test_a_decoder_that_gets_no_processor_time_for_a_while_is_not_ended(film):
    """As on a busy machine: it is stopped three times as long as it may compute."""
    decoder = IsolatedDecoder(CONFIG.model_copy(update={"decode_timeout": 1.0}))
    before = children()
    with decoder.decode(film) as video:
        next(video.clips)
        (child,) = set(children()) - set(before)
        with stopped_for(3.0, child):
            assert len(list(video.clips)) == 99
    decoder.close()


@pytest.mark.exhaustive
def test_decoding_may_take_as_much_processor_time_as_the_video_plays(tmp_path, short_film):
    """Each frame is 12 million pixels."""
    fast, slow = tmp_path / "fast.gif", tmp_path / "slow.gif"
    fast.write_bytes(gif_of_nothing(3500, 3500, count=40, hundredths=2))
    slow.write_bytes(gif_of_nothing(3500, 3500, count=40, hundredths=200))
    decoder = IsolatedDecoder(CONFIG.model_copy(update={"decode_timeout": 1.5}))

    assert number_of_clips(decoder, slow) == 10
    with pytest.raises(VideoRejected, match=r"decode_timeout: .*processor time.*decode_timeout"):
        number_of_clips(decoder, fast)
    assert number_of_clips(decoder, short_film) == 2
    decoder.close()


def test_decoding_goes_on_while_the_caller_works(decoder, child, film):
    with decoder.decode(film) as video:
        next(video.clips)
        time.sleep(0.5)
        os.kill(child, signal.SIGKILL)
        ahead = []
        with pytest.raises(VideoRejected):
            ahead.extend(video.clips)

    assert 5 < len(ahead) < 99


def test_a_huge_frame_meets_the_memory_limit(tmp_path, short_film):
    side = 12_000
    bomb = tmp_path / "bomb.mov"
    bomb.write_bytes(still_film(tmp_path, png_of_zeros(side, side), side))
    config = CONFIG.model_copy(update={"max_memory_mb": 256, "max_pixels": 2 * side * side})
    decoder = IsolatedDecoder(config)

    with pytest.raises(VideoRejected, match=r"out_of_memory: .*256 MiB.*max_memory_mb"):
        number_of_clips(decoder, bomb)
    assert number_of_clips(decoder, short_film) == 2
    decoder.close()


def test_a_pipe_is_refused(decoder, tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")

    with pytest.raises(VideoRejected, match="not_a_file"):
        number_of_clips(decoder, tmp_path / "pipe.mp4")


@pytest.mark.parametrize("name", [b"\xff\xfe.mp4", b"a\nb.mp4", b"n" * 251 + b".mp4"])
def test_any_file_name_will_do(decoder, short_film, name):
    path = os.path.join(os.fsencode(short_film.parent), name)
    os.rename(short_film, path)

    assert number_of_clips(decoder, path) == 2
    assert number_of_clips(decoder, os.fsdecode(path)) == 2


def test_the_caller_s_folder_does_not_matter(decoder, short_film, monkeypatch):
    folder = short_film.parent / "data"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise SystemExit('the wrong package')")
    monkeypatch.chdir(short_film.parent)

    assert number_of_clips(decoder, short_film.name) == 2


def test_a_video_left_half_way_does_not_stand_in_the_way(decoder, film, short_film):
    with decoder.decode(film) as video:
        next(video.clips)
    assert number_of_clips(decoder, short_film) == 2

    never_left = decoder.decode(film)
    clips = never_left.__enter__().clips
    next(clips)
    assert number_of_clips(decoder, short_film) == 2
    with pytest.raises(ValueError, match="ended"):
        list(clips)


def test_ctrl_c_and_a_polite_end_are_left_to_the_caller(decoder, child, film):
    with decoder.decode(film) as video:
        next(video.clips)
        os.kill(child, signal.SIGINT)
        os.kill(child, signal.SIGTERM)
        assert len(list(video.clips)) == 99


def test_what_libraries_print_harms_nothing(decoder, short_film, tmp_path, monkeypatch):
    noise = "import os\nfor file in (1, 2):\n    os.write(file, b'noise' * 300_000)\n"
    (tmp_path / "sitecustomize.py").write_text(noise)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    assert number_of_clips(decoder, short_film) == 2


def test_a_fault_of_ours_is_raised_with_the_path(decoder, short_film):
    with (
        pytest.raises(DecodingFailed, match=r"/videos/nul.*null (byte|character)"),
        decoder.decode("/videos/nul\0.mp4"),
    ):
        pass

    assert number_of_clips(decoder, short_film) == 2


def test_a_process_that_cannot_start_tells_why(decoder, short_film, tmp_path, monkeypatch):
    (tmp_path / "av.py").write_text("raise ImportError('no FFmpeg here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with pytest.raises(
        DecodingFailed, match=r"does not start: it ended with status 1: .*no FFmpeg"
    ):
        number_of_clips(decoder, short_film)


def test_a_decoder_forgotten_ends_its_process(short_film):
    before = children()
    decoder = IsolatedDecoder(CONFIG)
    number_of_clips(decoder, short_film)
    (child,) = set(children()) - set(before)

    del decoder

    assert not is_running(child)


@pytest.mark.parametrize("end", ["time.sleep(60)", "sys.exit()"])
def test_the_process_ends_with_its_parent(film, end):
    program = (
        "import sys, time; from pathlib import Path\n"
        "from mocogan.data.decoding.isolation.isolated_decoder import IsolatedDecoder\n"
        "from mocogan.data.config import IngestConfig\n"
        "decoder = IsolatedDecoder(IngestConfig(num_frames=4))\n"
        f"with decoder.decode({str(film)!r}) as video:\n"
        "    next(video.clips)\n"
        "    tasks = Path('/proc/self/task').glob('*/children')\n"
        "    print(*(task.read_text() for task in tasks))\n"
        "    sys.stdout.flush()\n"
        f"    {end}\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        if "sleep" in end:
            assert is_running(child)
            parent.kill()

    assert wait_until(lambda: not is_running(child))
