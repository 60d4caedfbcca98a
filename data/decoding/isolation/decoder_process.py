"""The decoder process: `python -m mocogan.data.decoding.isolation.decoder_process`.

Decoders are C code that reads untrusted files. In a separate process a crash, a hang or a huge
allocation costs one file and not the run. `isolated_decoder` has the parent's side.
"""

from __future__ import annotations

import errno
import os
import resource
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path

import numpy as np

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.isolation.decoder_messages import Header, receive, send, to_bytes
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.records.clip import Clip
from mocogan.data.rejection import VideoRejected

_TFIO_MEMORY_MB = 12 * 1024  # tensorflow-io holds several copies of a video of up to 4 GiB
_WATCHDOG_SECONDS = 1.0
_WATCHDOG_STACK_BYTES = 256 * 1024
_SECONDS_BETWEEN_PROGRESS = 0.5
_LONGEST_TRACEBACK = 20_000  # characters
_OOM_SCORE = 500  # of 1000, so that the kernel ends this process before its parent


def memory_limit_mb(config: IngestConfig) -> int:
    """Returns the memory limit of a decoder process in MiB."""
    return _TFIO_MEMORY_MB if config.decoder == "tfio" else config.max_memory_mb


def out_of_memory(config: IngestConfig) -> VideoRejected:
    """Returns the rejection of a video that needs more memory than the limit."""
    limit = f"decoding needs more than the allowed {memory_limit_mb(config)} MiB of memory"
    if config.decoder == "tfio":
        return VideoRejected("out_of_memory", f"{limit}. Use ingest.decoder=pyav")
    return VideoRejected("out_of_memory", f"{limit}. Raise ingest.max_memory_mb")


def main(parent: int, requests: int, replies: int, config: IngestConfig) -> None:
    """Answers requests from the pipe `requests` on the pipe `replies` until process `parent` ends."""
    # Ctrl-C and SIGTERM reach the whole process group, and the parent handles them. If they ended
    # this process, an intact video would be rejected as decoder_crash.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _end_with(parent)
    _limit_resources(memory_limit_mb(config))
    responder = _Responder(replies, config)
    responder.prepare()
    while (request := _next_request(requests)) is not None:
        responder.decode(to_bytes(request["path"]), to_bytes(request["video_id"]))


def _end_with(parent: int) -> None:
    """Ends this process soon after its parent ends.

    PR_SET_PDEATHSIG would end it already when the parent's *thread* ends.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCHDOG_SECONDS)
        os._exit(1)

    stack_bytes = threading.stack_size(_WATCHDOG_STACK_BYTES)
    threading.Thread(target=watch, daemon=True).start()
    threading.stack_size(stack_bytes)


def _limit_resources(memory_mb: int) -> None:
    _lower(resource.RLIMIT_DATA, memory_mb * 2**20)
    _lower(resource.RLIMIT_CORE, 0)
    with suppress(OSError):  # /proc may be read-only
        Path("/proc/self/oom_score_adj").write_text(str(_OOM_SCORE), encoding="ascii")


def _lower(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(limit, (value, hard))


def _next_request(pipe: int) -> Header | None:
    """Returns the next request, or None if the parent has closed the pipe."""

    def read_into(view: memoryview) -> None:
        while view:
            read = os.readv(pipe, [view])
            if not read:
                raise EOFError
            view = view[read:]

    try:
        return receive(read_into)[0]
    except EOFError:
        return None


class _Responder:
    """Decodes videos and sends the results to the parent."""

    def __init__(self, replies: int, config: IngestConfig) -> None:
        self._replies = replies
        self._config = config
        self._next_progress = 0.0

    def prepare(self) -> None:
        """Loads the decoder before the first video, so that its time limit does not include loading."""
        from mocogan.data.decoding.video import check_decoder

        check_decoder(self._config.decoder)
        self._send({"kind": "ready"})

    def decode(self, path: bytes, video_id: bytes) -> None:
        """Sends the clips of the video at `path`, or the reason why there are none."""
        self._send({"kind": "begun"})
        try:
            last = {"kind": "end", "facts": self._send_video(path, video_id)}
        except Exception as error:  # the parent raises unexpected errors
            last = self._failure(error)
        self._send(last)

    def _failure(self, error: Exception) -> Header:
        if _lacked_memory(error):
            error = out_of_memory(self._config)
        if isinstance(error, VideoRejected):
            return {"kind": "rejected", "code": error.code, "message": error.message}
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        return {"kind": "failed", "error": repr(error), "traceback": text[-_LONGEST_TRACEBACK:]}

    def _send_video(self, path: bytes, video_id: bytes) -> VideoFacts:
        """Returns the complete facts."""
        # Imported here, because the parent also imports this module and does not need FFmpeg.
        from mocogan.data.decoding.video import decode_video

        with decode_video(path, self._config, video_id, self._on_frame) as video:
            self._send({"kind": "facts", "facts": video.facts})
            for clip in video.clips:
                self._send_clip(clip)
            return video.facts

    def _send_clip(self, clip: Clip) -> None:
        header = {
            "kind": "clip",
            "index": clip.index,
            "start_seconds": clip.start_seconds,
            "fps": clip.fps,
        }
        self._send(header, np.ascontiguousarray(clip.frames).data)

    def _on_frame(self, seconds: float) -> None:
        now = time.monotonic()
        if now >= self._next_progress:
            self._next_progress = now + _SECONDS_BETWEEN_PROGRESS
            self._send({"kind": "progress", "seconds": seconds})

    def _send(self, header: Header, body: bytes | memoryview = b"") -> None:
        try:
            send(self._replies, header, body)
        except BrokenPipeError:
            os._exit(1)  # the parent has closed the pipe


def _lacked_memory(error: BaseException | None) -> bool:
    """Tells whether memory ran out. Decoders can report this like damage (PyAV: ENOMEM)."""
    while error is not None:
        if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
            return True
        error = error.__cause__ or error.__context__
    return False


if __name__ == "__main__":
    _parent, _requests, _replies = map(int, sys.argv[1:4])
    main(_parent, _requests, _replies, IngestConfig.model_validate_json(sys.argv[4]))
