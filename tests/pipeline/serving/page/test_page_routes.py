"""The page, clicked through in a headless Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.support.browser import Browser, open_browser
from tests.support.served import Served, push_again, strip_of

READY = "!document.querySelector('.waiting') && document.querySelector('#caption').textContent !== 'Loading…'"


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with open_browser(tmp_path) as browser:
        browser.look(1280, 900)
        yield browser


def text(browser: Browser, selector: str) -> str:
    found: str = browser.evaluate(f"document.querySelector({selector!r}).textContent")
    return found


def pixels(browser: Browser, selector: str) -> list[int]:
    """The pixels of a canvas as it is now, R G B A."""
    found: list[int] = browser.evaluate(
        "(c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data])"
        f"(document.querySelector({selector!r}))"
    )
    return found


def pause(browser: Browser) -> None:
    """Stops at the first frame."""
    browser.evaluate("(setPaused(true), frameNumber = 0, [...shown.keys()].forEach(paint))")


def first_frame(served: Served, query: str) -> list[int]:
    strip = strip_of(served.get(f"/api/{query}&format=png-strip").content)
    return [value for pixel in strip[:, :8].reshape(-1, 3).tolist() for value in (*pixel, 255)]


@pytest.mark.exhaustive
def test_clips_are_chosen_with_mouse_and_keys(served: Served, browser: Browser) -> None:
    browser.open(f"{served.server.url}/?seed=3")
    browser.wait_for(READY)
    assert browser.evaluate("document.querySelectorAll('#tiles .tile').length") == 12
    browser.wait_for("/^3, class /.test(document.querySelector('#tiles .tile').textContent)")
    pause(browser)
    assert pixels(browser, "#big") == first_frame(served, "generate?seed=3")
    browser.click("#tiles .tile:nth-child(3)")
    browser.wait_for(READY)
    assert text(browser, "#caption").startswith("Seed 5")
    browser.press("ArrowRight")
    browser.wait_for(READY)
    assert text(browser, "#caption").startswith("Seed 6")
    browser.wait_for("shown.get(document.querySelector('#big'))")
    pause(browser)
    assert pixels(browser, "#big") == first_frame(served, "generate?seed=6")
    browser.evaluate("document.querySelector('#label').value = 'run'")
    browser.evaluate("document.querySelector('#label').dispatchEvent(new Event('change'))")
    browser.wait_for(READY)
    assert text(browser, "#caption") == "Seed 6, class run"
    pause(browser)
    assert pixels(browser, "#big") == first_frame(served, "generate?seed=6&label=run")
    browser.click("#more")
    browser.wait_for(READY)
    assert browser.evaluate("document.querySelectorAll('#tiles .tile').length") == 24
    assert browser.problems == []


@pytest.mark.exhaustive
def test_a_link_shows_the_same_clip_again_and_files_are_those_of_the_clip(
    served: Served, browser: Browser
) -> None:
    browser.open(f"{served.server.url}/?seed=0&clip=2&label=walk&frames=6")
    browser.wait_for(READY)
    link = browser.evaluate("document.querySelector('#link').href")
    assert link == f"{served.server.url}/?view=clips&seed=0&label=walk&frames=6&clip=2&version=1"
    pause(browser)
    seen = pixels(browser, "#big")
    browser.open(link)
    browser.wait_for(READY)
    pause(browser)
    assert pixels(browser, "#big") == seen
    for kind, start in (("gif", b"GIF89a"), ("webp", b"RIFF"), ("mp4", b"\0\0\0")):
        address = browser.evaluate(f"document.querySelector('#{kind}').getAttribute('href')")
        file = served.get(f"/{address}")
        assert file.content.startswith(start)
        assert (
            file.content
            == served.get(f"/api/generate?seed=2&label=walk&frames=6&format={kind}").content
        )
    browser.click("#copy")
    browser.wait_for("document.querySelector('#copy').textContent !== 'Copy link'")


@pytest.mark.exhaustive
def test_the_matrix_and_its_sliders(served: Served, browser: Browser) -> None:
    browser.open(served.server.url)
    browser.wait_for(READY)
    browser.click("#tab-matrix")
    browser.wait_for(READY)
    assert browser.evaluate("document.querySelectorAll('#matrix .tile').length") == 16
    browser.click("#matrix .tile[data-cell='2,1']")
    browser.wait_for(READY)
    assert text(browser, "#caption") == "Content seed 2, motion seed 1"
    pause(browser)
    assert pixels(browser, "#big") == first_frame(served, "mix?content=2&motion=1")
    browser.evaluate("document.querySelector('#content').focus()")
    browser.press("ArrowRight")  # a quarter of the way to the next seed
    browser.wait_for(
        "document.querySelector('#caption').textContent.startsWith('Content 2 → 3, 25 %')"
    )
    browser.wait_for(READY)
    pause(browser)
    mix = "mix?content=2&content_to=3&content_at=0.25&motion=1"
    assert pixels(browser, "#big") == first_frame(served, mix)
    assert browser.problems == []


@pytest.mark.exhaustive
def test_interpolations(served: Served, browser: Browser) -> None:
    browser.open(f"{served.server.url}/?view=change&keys=2")
    browser.wait_for(READY)
    assert browser.evaluate("document.querySelectorAll('#steps .tile').length") == 8
    pause(browser)
    query = "generate?interpolate=content&seed=0&num=2&frames=8"
    assert pixels(browser, "#big") == first_frame(served, query)
    browser.click("#steps .tile:nth-child(3)")
    browser.wait_for("document.querySelector('#caption').textContent === 'Content 0 → 1, 50 %'")
    browser.wait_for(READY)
    pause(browser)
    mix = "mix?content=0&content_to=1&content_at=0.5&motion=0"
    assert pixels(browser, "#big") == first_frame(served, mix)
    browser.evaluate("document.querySelector('#what').value = 'motion'")
    browser.evaluate("document.querySelector('#what').dispatchEvent(new Event('change'))")
    browser.wait_for("document.querySelector('#big').width > 70")
    browser.wait_for(READY)
    assert browser.problems == []


@pytest.mark.exhaustive
def test_keys_alone_reach_everything(served: Served, browser: Browser) -> None:
    browser.open(served.server.url)
    browser.wait_for(READY)
    browser.press("p")
    assert text(browser, "#play") == "Play"
    browser.press("r")
    browser.wait_for("state.seed !== 0")
    reached = set()
    for _ in range(12):
        browser.press("Tab")
        reached.add(
            browser.evaluate("document.activeElement.id || document.activeElement.className")
        )
    assert {"skip", "tab-clips", "label", "seed", "random", "frames", "play", "gif"} <= reached
    browser.evaluate("document.querySelector('#tab-clips').focus()")
    browser.press("ArrowRight")
    assert browser.evaluate("document.activeElement.id") == "tab-matrix"
    assert not browser.evaluate("document.querySelector('#panel-matrix').hidden")


@pytest.mark.exhaustive
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_page_fits_and_asks_nobody_else(served: Served, browser: Browser, width: int) -> None:
    browser.look(width, 800, dark=width == 390, motion=False)
    for view in ("clips", "matrix", "change"):
        browser.open(f"{served.server.url}/?view={view}")
        browser.wait_for(READY)
        assert browser.evaluate("document.documentElement.scrollWidth") <= width
    assert text(browser, "#play") == "Play"  # whoever wants less motion gets still pictures
    assert [
        address for address in browser.requests if not address.startswith(served.server.url)
    ] == []
    assert browser.problems == []


@pytest.mark.exhaustive
def test_a_new_version_is_followed_by_an_open_page(
    serve: Callable[..., Served], models: tuple[str, str], browser: Browser
) -> None:
    served = serve()
    browser.open(served.server.url)
    browser.wait_for(READY)
    push_again(models[1], served.folder, 2)
    while served.get("/health/ready").json["version"] == 1:
        pass
    browser.click("#random")
    browser.wait_for(
        "document.querySelector('#note').textContent.startsWith('Version 2 is loaded now')"
    )
    browser.wait_for(READY)
    pause(browser)
    seed = browser.evaluate("state.chosen")
    assert pixels(browser, "#big") == first_frame(served, f"generate?seed={seed}&version=2")
    browser.open(f"{served.server.url}/?version=1")
    browser.wait_for(
        "document.querySelector('#note').textContent.startsWith('The link was made with')"
    )


@pytest.mark.exhaustive
def test_a_caption_is_said_and_unknown_words_are_named(captioned: Served, browser: Browser) -> None:
    browser.open(f"{captioned.server.url}/?seed=3")
    browser.wait_for(READY)
    browser.evaluate("document.querySelector('#text').focus()")
    for letter in "a red sqare":
        browser.press(letter)
    browser.press("Enter")
    browser.wait_for("document.querySelector('#caption').textContent.includes('a red sqare')")
    browser.wait_for(READY)
    assert text(browser, "#note") == (
        "The model does not know a word of the caption: sqare (near: square)."
    )
    pause(browser)
    assert pixels(browser, "#big") == first_frame(
        captioned, "generate?seed=3&caption=a%20red%20sqare"
    )
    link = browser.evaluate("document.querySelector('#link').href")
    browser.open(link)
    browser.wait_for(READY)
    assert browser.evaluate("document.querySelector('#text').value") == "a red sqare"
    assert browser.problems == []


class Text(HTMLParser):
    """All text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words = ""
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_page_says_what_the_model_is(served: Served) -> None:
    page = served.get("/").content.decode()
    words = Text(page).words
    for part in (
        "Blessed: 3 checks passed",
        "Training data",
        "<b> a|b",
        "12.5 frames/s",
        "Version",
    ):
        assert part in words
    assert len(page) < 20_000
    model = served.get("/api/model").json
    assert (model["version"], model["labels"]) == ("1", ["a/b c", "run", "walk"])
    assert model["card"].startswith("---")
    assert not model["has_captions"]


def test_the_page_offers_captions_to_models_that_read_them(captioned: Served) -> None:
    model = captioned.get("/api/model").json
    assert model["has_captions"]
    assert "5 known words" in Text(captioned.get("/").content.decode()).words


def test_the_files_of_the_page_are_small(served: Served) -> None:
    sizes = [
        len(served.get(f"/static/{name}").content) for name in ("page.js", "page.css", "icon.svg")
    ]
    assert sum(sizes) < 30_000
