import os
import threading

import numpy as np
import pytest

from mocogan.data.decoding.isolation.decoder_messages import (
    InvalidMessage,
    receive,
    send,
    to_bytes,
    to_text,
)


@pytest.fixture
def pipe():
    read, write = os.pipe()
    yield read, write
    os.close(read)
    os.close(write)


def reader(pipe):
    def read_into(view):
        while view:
            read = os.readv(pipe, [view[:1000]])  # in pieces
            view = view[read:]

    return read_into


def test_a_message_larger_than_the_pipe_arrives_whole(pipe):
    read, write = pipe
    frames = np.random.default_rng(0).integers(0, 256, (4, 200, 200, 3), np.uint8)
    sender = threading.Thread(target=send, args=(write, {"kind": "clip", "index": 3}, frames.data))
    sender.start()

    header, body_bytes = receive(reader(read))
    body = np.empty_like(frames)
    reader(read)(body.data.cast("B"))
    sender.join()

    assert header == {"kind": "clip", "index": 3}
    assert body_bytes == frames.nbytes > 65_536
    np.testing.assert_array_equal(body, frames)


def test_messages_follow_one_another(pipe):
    read, write = pipe
    send(write, {"kind": "progress", "seconds": 0.1})
    send(write, {"kind": "end"})

    assert receive(reader(read)) == ({"kind": "progress", "seconds": 0.1}, 0)
    assert receive(reader(read)) == ({"kind": "end"}, 0)


@pytest.mark.parametrize(
    "noise",
    [b"noise of a library\n", bytes(12), b"\x02" + bytes(11) + b"[]", b"\x02" + bytes(11) + b"{}"],
)
def test_noise_is_no_message(pipe, noise):
    read, write = pipe
    os.write(write, noise)

    with pytest.raises(InvalidMessage):
        receive(reader(read))


def test_any_bytes_survive_as_text():
    everything = bytes(range(256))

    assert to_bytes(to_text(everything)) == everything
