"""Many clients at once, with a push in between, a client that hangs up and one that sends rubbish."""

from __future__ import annotations

import resource
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from mocogan.pipeline.serving.limits import Limits
from mocogan.pipeline.serving.model.model_source import find_source
from mocogan.pipeline.serving.ports import PortInUse
from mocogan.pipeline.serving.server import ServeOptions, Server
from tests.support.served import Answer, Served, push_again, request
from tests.support.waiting import HANG_SECONDS

CLIENTS, REQUESTS, SEEDS = 8, 200, 20
PREDICT = "/v1/models/mocogan:predict"


def rows(seed: int) -> dict[str, object]:
    instances = [{"seed": seed, "category": -1}, {"seed": seed + 1, "category": seed % 2}]
    return {"signature_name": "sample_png", "instances": instances}


def hang_up(port: int, stop: threading.Event) -> None:
    """Asks for clips, and goes without the answer."""
    body = b'{"inputs": {"num_clips": 64, "seed": 1}}'
    head = f"POST {PREDICT} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    while not stop.is_set():
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(head.encode() + body)
            time.sleep(0.01)


def send_rubbish(port: int, stop: threading.Event) -> None:
    rubbish = (
        b"\x00\xff" * 200 + b"\r\n\r\n",
        b"GET / HTTP/9\r\n\r\n",
        b"POST "
        + PREDICT.encode()
        + b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n{{{{{",
    )
    while not stop.is_set():
        for content in rubbish:
            with socket.create_connection(("127.0.0.1", port)) as connection, suppress(OSError):
                connection.sendall(content)
                connection.recv(1000)


def test_no_answer_is_lost_or_mixed(serve: Callable[..., Served], models: tuple[str, str]) -> None:
    unlimited = 1 << 30  # on a slow machine, clients that hang up would use up what all may ask
    served = serve(limits=Limits(waiting_clips=unlimited, requests=unlimited, seconds=600.0))
    port, stop = served.server.port, threading.Event()
    expected = {"1": [served.post(PREDICT, rows(seed)).content for seed in range(SEEDS)]}
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    others = [threading.Thread(target=work, args=(port, stop)) for work in (hang_up, send_rubbish)]
    for other in others:
        other.start()

    def ask(number: int) -> Answer:
        if number == REQUESTS // 3:
            push_again(models[1], served.folder, 2)
        return served.post(PREDICT, rows(number % SEEDS))

    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(ask, range(REQUESTS)))
        deadline = time.monotonic() + HANG_SECONDS
        while answers[-1].headers.get("mocogan-version") == "1":
            assert time.monotonic() < deadline
            answers += clients.map(ask, range(REQUESTS, REQUESTS + CLIENTS))
    stop.set()
    for other in others:
        other.join()
    expected["2"] = [served.post(PREDICT, rows(seed)).content for seed in range(SEEDS)]
    assert expected["1"] != expected["2"]
    for number, answer in enumerate(answers):
        assert answer.status == 200, answer.content
        numbers = number if number < REQUESTS else REQUESTS + (number - REQUESTS) % CLIENTS
        assert answer.content == expected[answer.headers["mocogan-version"]][numbers % SEEDS]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 300 << 10  # kB


def test_a_server_that_is_busy_says_when_to_come_back(serve: Callable[..., Served]) -> None:
    served = serve(limits=Limits(clips=64, waiting_clips=64, requests=30, seconds=600.0))
    body = {"inputs": {"num_clips": 64, "seed": 0}}
    with ThreadPoolExecutor(24) as clients:
        answers = list(clients.map(lambda _: served.post(PREDICT, body), range(48)))
    refused = [answer for answer in answers if answer.status == 503]
    assert {answer.status for answer in answers} == {200, 503}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
    assert refused[0].error.startswith("the server is busy: ")
    assert len({answer.content for answer in answers if answer.status == 200}) == 1
    text = served.get("/metrics").content.decode()
    assert f'mocogan_refused_total{{full="queue"}} {len(refused)}.0' in text
    assert 'mocogan_requests_total{kind="predict",protocol="http",status="503"}' in text


def test_a_slow_answer_is_given_up(serve: Callable[..., Served]) -> None:
    served = serve(limits=Limits(seconds=0.001))
    answer = served.get("/api/generate?seed=0")  # without a body, which could be late too
    assert (answer.status, answer.error) == (504, "there was no answer within 0.001 s")


def test_a_stop_answers_what_was_asked(serve: Callable[..., Served]) -> None:
    served = serve()
    body = {"inputs": {"num_clips": 64, "seed": 0}}
    with ThreadPoolExecutor(4) as clients:
        asked = [clients.submit(served.post, PREDICT, body) for _ in range(4)]
        while served.server.metrics.text().count(b'kind="predict"') == 0:
            time.sleep(0.01)  # the first one was answered
        served.server.stop()
        statuses = set()
        for future in asked:
            with suppress(ConnectionRefusedError):  # it came after the stop
                statuses.add(future.result().status)
    assert statuses == {200}
    with pytest.raises(ConnectionRefusedError):
        request(served.server.port, "GET", "/health/live")


@pytest.mark.parametrize("which", ["port", "grpc_port"])
def test_a_port_in_use_is_named(served: Served, which: str) -> None:
    taken = getattr(served.server, which)
    options = ServeOptions(**{"port": 0, "grpc_port": 0, which: taken})
    with pytest.raises(PortInUse, match=f"{taken}.*--{which.replace('_', '-')}"):
        Server(options, lambda: find_source(str(served.folder), False))
