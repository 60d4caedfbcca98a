"""The site in a browser, at the width of a phone and of a desktop."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import Browser, open_browser
from tests.support.run_folders import FAILED, LONGER
from tests.support.run_sites import HOSTILE_NAME

pytestmark = pytest.mark.exhaustive
WIDTHS = (390, 1280)

SORT_AND_FILTER = """(() => {
const $ = id => document.getElementById(id);
const rows = () => [...document.querySelectorAll("#table tbody tr")];
const shown = () => rows().filter(row => !row.hidden).map(row => row.querySelector("b").textContent);
const enter = (id, value) => { $(id).value = value; $(id).dispatchEvent(new Event("input")); };
const found = {first: shown()};
enter("sort", "5");
found.steps = shown();
$("up").click();
found.fewest = shown();
enter("state", "failed");
found.failed = shown();
enter("state", "");
enter("verdict", "blessed");
found.blessed = shown();
enter("verdict", "");
enter("find", "nan step");
found.text = shown();
found.count = $("count").textContent;
enter("find", "");
document.querySelectorAll("#table thead button")[0].click();
found.head = shown();
found.hash = location.hash;
for (const box of [...document.querySelectorAll(".pick")].slice(0, 2)) box.click();
found.compare = $("compare").getAttribute("href");
return found; })()"""

SHOWN_BOXES = """[...document.querySelectorAll(".graph")].find(graph => graph.offsetParent)
  .querySelectorAll("a.box")"""


class Visitor:
    """Goes from page to page, and looks at each."""

    def __init__(self, browser: Browser, site: Path, width: int = 1280) -> None:
        self.browser, self.site, self.width = browser, site, width
        browser.look(width, 1000)
        browser.open((site / "index.html").as_uri())

    def follow(self, selector: str) -> str:
        """Clicks on a link. Returns the page that it leads to, with its fragment."""
        before = self.browser.evaluate("location.href")
        self.browser.click(selector)
        self.browser.wait_for(
            f"location.href !== {json.dumps(before)} && document.readyState === 'complete'"
        )
        assert self.browser.content_width() == self.width
        return str(self.browser.evaluate("location.href.split('/site/')[1]"))

    def follow_box(self, number: int) -> str:
        """Clicks on a box of the graph that this window shows."""
        self.browser.evaluate(f"{SHOWN_BOXES}[{number}].setAttribute('data-chosen', '')")
        return self.follow("[data-chosen]")


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with open_browser(tmp_path) as started:
        yield started


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        f"runs/{LONGER}.html",
        f"runs/{FAILED}.html",
        "artifacts/7.html",
        "compare.html",
    ],
)
def test_a_page_needs_nothing_else_and_does_not_scroll_sideways(
    site: Path, browser: Browser, name: str, width: int
):
    browser.look(width, 1000)
    browser.open((site / name).as_uri())
    assert browser.content_width() == width
    assert all(image["is_drawn"] for image in browser.images())
    assert browser.problems == []
    assert [address for address in browser.requests if not address.startswith("file:///")] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_table_sorts_and_filters(site: Path, browser: Browser, width: int):
    Visitor(browser, site, width)
    found = browser.evaluate(SORT_AND_FILTER)
    assert found["first"] == ["7", "6", "5", "4", "3", "2", "1"]
    assert found["steps"] == ["7", "6", "5", "2", "1", "4", "3"]  # those without steps are last
    assert found["fewest"] == ["1", "6", "5", "2", "7", "4", "3"]
    assert found["failed"] == ["3"]
    assert found["blessed"] == ["1", "2", "7"]
    assert (found["text"], found["count"]) == (["3"], "1 of 7 runs")
    assert found["head"] == found["first"]
    assert found["compare"] == "compare.html#6,7"
    assert browser.problems == []


@pytest.mark.parametrize("width", WIDTHS)
def test_one_can_click_through_the_site(site: Path, browser: Browser, width: int):
    visitor = Visitor(browser, site, width)
    result = "document.getElementById('result')"
    assert visitor.follow('#table a[href="runs/2.html"]') == "runs/2.html"
    assert visitor.follow_box(1).startswith("runs/2.html#node-")
    assert visitor.follow('.artifact a[href^="../artifacts/"]').startswith("artifacts/")
    assert visitor.follow('.lead a[href^="../runs/"]').startswith("runs/")
    assert visitor.follow(".artifact h4 a").startswith("artifacts/")
    if browser.evaluate(f"{SHOWN_BOXES}.length"):
        assert visitor.follow_box(0).startswith("artifacts/")
    assert visitor.follow('.trail a[href$="compare.html"]').startswith("compare.html")
    browser.wait_for(f"{result}.dataset.shown")
    browser.evaluate("location.hash = '1,2'")
    browser.wait_for(f"{result}.dataset.shown === '1,2'")
    differing = f"[...{result}.querySelectorAll('tr.differs')].map(row => row.textContent)"
    assert "trainer.run.steps10005000" in browser.evaluate(differing)
    assert browser.evaluate(f"{result}.querySelectorAll('.beside').length") == 3
    assert visitor.follow(".trail a") == "index.html"
    assert browser.problems == []
    assert [address for address in browser.requests if not address.startswith("file:///")] == []


def test_a_hostile_name_is_text(site: Path, browser: Browser):
    visitor = Visitor(browser, site)
    visitor.follow('#table a[href="runs/7.html"]')
    assert browser.evaluate("document.querySelector('h1 bdi').textContent") == HOSTILE_NAME
    assert browser.evaluate("document.title").startswith("Run 7 <script>")
    visitor.follow('a[href$="compare.html#6,7"]')
    browser.wait_for("document.querySelector('#result h3')")
    compared = "document.querySelectorAll('#result h3')[1].textContent"
    assert browser.evaluate(compared) == f"Run 7 {HOSTILE_NAME}"
    assert browser.evaluate("document.title") == "Compare two runs"
    assert browser.problems == []


def test_all_runs_are_listed_without_scripts(site: Path, browser: Browser):
    rows = "document.querySelectorAll('#table tbody tr').length"
    Visitor(browser, site, 390)
    assert browser.evaluate(rows) == 7
    assert browser.evaluate("document.documentElement.classList.contains('scripts')")
    browser.forbid_scripts()
    browser.open((site / "index.html").as_uri())
    assert not browser.evaluate("document.documentElement.classList.contains('scripts')")
    assert browser.evaluate(rows) == 7
    assert browser.content_width() == 390


def test_readers_who_want_less_motion_see_first_frames(site: Path, browser: Browser):
    shown_images = """[...document.querySelectorAll(".grid img")]
      .filter(image => image.offsetParent).map(image => image.className)"""
    Visitor(browser, site)
    assert set(browser.evaluate(shown_images)) == {"moving"}
    browser.look(1280, 1000, motion=False)
    browser.open((site / "index.html").as_uri())
    assert set(browser.evaluate(shown_images)) == {"paused"}
