"""Who may ask, and how much."""

from __future__ import annotations

import http.client
from collections.abc import Callable

import pytest

from mocogan.pipeline.serving.limits import Limits
from tests.support.served import Served

PREDICT = "/v1/models/mocogan:predict"


@pytest.fixture(scope="module")
def own(served: Served) -> str:
    return f"http://127.0.0.1:{served.server.port}"


def test_pages_of_other_sites_are_refused(served: Served, own: str) -> None:
    for origin in (
        "http://evil.example",
        "null",
        own.replace("http:", "ftp:"),
        f"{own}.evil.example",
    ):
        answer = served.post(PREDICT, {"inputs": {"num_clips": 1, "seed": 0}}, Origin=origin)
        assert (answer.status, "access-control-allow-origin" in answer.headers) == (403, False)
        assert "Name their origin with --allow-origin" in answer.error
    assert served.get("/health/ready", Origin=own).status == 200


def test_pictures_in_pages_of_other_sites_are_refused_and_links_are_not(served: Served) -> None:
    picture = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"}
    assert served.get("/api/generate?seed=1", **picture).status == 403
    assert served.get("/api/generate?seed=1", **picture, Referer="http://[").status == 403
    link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    assert served.get("/?seed=1", **link).status == 200
    assert served.get("/", Sec_Fetch_Site="same-origin", Sec_Fetch_Mode="cors").status == 200


def test_other_names_of_this_machine_are_refused(served: Served) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example:80", "[", ""):
        assert served.get("/", Host=host).status == 403
    for host in ("localhost", "LOCALHOST:1", "[::1]:8501", "127.0.0.1"):
        assert served.get("/", Host=host).status == 200


def test_a_named_origin_may_ask_and_read(serve: Callable[..., Served]) -> None:
    served = serve(origins=("https://example.com/",))
    answer = served.get("/api/generate?seed=1", Origin="https://example.com")
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "https://example.com"
    assert answer.headers["vary"] == "Origin"
    assert served.get("/", Host="example.com").status == 200  # behind a proxy
    assert served.get("/", Origin="https://other.example").status == 403
    connection = http.client.HTTPConnection("127.0.0.1", served.server.port)
    asked = {"Origin": "https://example.com", "Access-Control-Request-Method": "POST"}
    connection.request("OPTIONS", PREDICT, headers=asked)
    preflight = connection.getresponse()
    assert (preflight.status, preflight.getheader("access-control-allow-methods")) == (
        204,
        "GET, POST",
    )
    connection.close()


def test_a_body_of_100_mb_is_refused_with_and_without_its_length(served: Served) -> None:
    answer = served.post(PREDICT, bytes(100 << 20))
    assert (answer.status, answer.error) == (
        413,
        "the body of a request may have at most 8,388,608 bytes",
    )
    connection = http.client.HTTPConnection("127.0.0.1", served.server.port, timeout=600)
    connection.putrequest("POST", PREDICT)
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    try:
        for _ in range(100):
            connection.send(b"100000\r\n" + bytes(1 << 20) + b"\r\n")
    except OSError:
        pass  # the server has hung up
    else:
        assert connection.getresponse().status == 413
    connection.close()
    assert served.get("/health/ready").status == 200


def test_too_many_open_requests_are_refused_but_not_those_for_the_health(
    serve: Callable[..., Served],
) -> None:
    served = serve(limits=Limits(requests=0, seconds=600.0))
    answer = served.predict(inputs={"num_clips": 1, "seed": 0})
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert served.get("/health/ready").status == 200
    assert b'mocogan_refused_total{full="requests"} 1.0' in served.get("/metrics").content


def test_no_address_reaches_the_disk(served: Served) -> None:
    for path in (
        "/static/../server.py",
        "/static/..%2fserver.py",
        "/static/%2e%2e/server.py",
        "//etc/passwd",
        "/static/",
    ):
        assert served.get(path).status == 404
    assert served.get("/static/page.js").headers["content-type"].startswith("text/javascript")


def test_a_page_may_load_nothing_from_elsewhere(served: Served) -> None:
    for path in ("/", "/static/page.js", "/api/generate", "/nope"):
        policy = served.get(path).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'")
        assert served.get(path).headers["x-content-type-options"] == "nosniff"
