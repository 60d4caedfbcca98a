"""The site in a browser, at the width of a phone and of a desktop."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.chromium import act_on_page, show_page
from tests.support.run_folders import FAILED, LONGER
from tests.support.run_sites import HOSTILE_NAME

pytestmark = pytest.mark.exhaustive
WIDTHS = (390, 1280)

SORT_AND_FILTER = """
const $ = id => page().document.getElementById(id);
const rows = () => [...page().document.querySelectorAll("#table tbody tr")];
const shown = () => rows().filter(row => !row.hidden).map(row => row.querySelector("b").textContent);
const enter = (id, value) => { $(id).value = value; $(id).dispatchEvent(new (page().Event)("input")); };
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
page().document.querySelectorAll("#table thead button")[0].click();
found.head = shown();
found.hash = page().location.hash;
for (const box of [...page().document.querySelectorAll(".pick")].slice(0, 2)) box.click();
found.compare = $("compare").getAttribute("href");
return found;
"""

CLICK_THROUGH = """
const link = selector => page().document.querySelector(selector);
const paths = [];
const at = () => paths.push(page().location.pathname.split("/site/")[1] + page().location.hash);
const shownBox = key => [...page().document.querySelectorAll(".graph")].find(graph => graph.offsetParent)
  .querySelectorAll("a.box")[key];
await follow(link('#table a[href="runs/2.html"]')); at();
const before = page().location.href;
shownBox(1).dispatchEvent(new (page().MouseEvent)("click", {bubbles: true, cancelable: true}));
await until(() => page().location.href !== before); at();
await follow(link('.artifact a[href^="../artifacts/"]')); at();
await follow(link('.lead a[href^="../runs/"]')); at();
await follow(link('.artifact h4 a')); at();
if (link("a.box")) { await follow(shownBox(0)); at(); }
await follow(link('.trail a[href$="compare.html"]')); at();
await until(() => page().document.getElementById("result").dataset.shown); at();
page().location.hash = "1,2";
await until(() => page().document.getElementById("result").dataset.shown === "1,2"); at();
const differing = [...page().document.querySelectorAll("#result tr.differs")].map(row => row.textContent);
const images = [...page().document.querySelectorAll("#result .beside")].length;
await follow(link('.trail a')); at();
return {paths, differing, images, title: page().document.title};
"""


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
    site: Path, tmp_path: Path, name: str, width: int
):
    shown = show_page(site / name, tmp_path, width)
    assert shown.console == []
    assert shown.content_width == width
    assert [address for address in shown.requests if not address.startswith("file:///")] == []
    assert all(image["is_drawn"] for image in shown.images)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_table_sorts_and_filters(site: Path, tmp_path: Path, width: int):
    acted = act_on_page(site / "index.html", tmp_path, SORT_AND_FILTER, width)
    found = acted.value
    assert found["first"] == ["7", "6", "5", "4", "3", "2", "1"]
    assert found["steps"] == ["7", "6", "5", "2", "1", "4", "3"]  # those without steps are last
    assert found["fewest"] == ["1", "6", "5", "2", "7", "4", "3"]
    assert found["failed"] == ["3"]
    assert found["blessed"] == ["1", "2", "7"]
    assert (found["text"], found["count"]) == (["3"], "1 of 7 runs")
    assert found["head"] == found["first"]
    assert found["compare"] == "compare.html#6,7"
    assert acted.console == []


@pytest.mark.parametrize("width", WIDTHS)
def test_one_can_click_through_the_site(site: Path, tmp_path: Path, width: int):
    acted = act_on_page(site / "index.html", tmp_path, CLICK_THROUGH, width)
    paths = acted.value["paths"]
    assert paths[0] == "runs/2.html"
    assert paths[1].startswith("runs/2.html#node-")
    assert paths[2].startswith("artifacts/")
    assert paths[3].startswith("runs/")
    assert "compare.html#1,2" in paths
    assert paths[-1] == "index.html"
    assert "trainer.run.steps10005000" in acted.value["differing"]
    assert acted.value["images"] == 3
    assert acted.console == []
    assert {address: pixels for address, pixels in acted.widths if pixels != width} == {}
    assert [address for address in acted.requests if not address.startswith("file:///")] == []


def test_a_hostile_name_is_text(site: Path, tmp_path: Path):
    names = """
    await follow(page().document.querySelector('#table a[href="runs/7.html"]'));
    const run = page().document.querySelector("h1 bdi").textContent, title = page().document.title;
    await follow(page().document.querySelector('a[href$="compare.html#6,7"]'));
    await until(() => page().document.querySelector("#result h3"));
    return [run, title, page().document.querySelectorAll("#result h3")[1].textContent, page().document.title];
    """
    run, title, compared, compare_title = act_on_page(site / "index.html", tmp_path, names).value
    assert run == HOSTILE_NAME
    assert title.startswith("Run 7 <script>")
    assert compared == f"Run 7 {HOSTILE_NAME}"
    assert compare_title == "Compare two runs"


def test_all_runs_are_listed_without_scripts(site: Path, tmp_path: Path):
    shown = show_page(site / "index.html", tmp_path, 390)
    assert shown.document.count("data-s=") == 7
    plain = (
        (site / "index.html")
        .read_text(encoding="utf-8")
        .replace('<script src="site.js"></script>', "")
    )
    (site / "plain.html").write_text(plain, encoding="utf-8")
    without = show_page(site / "plain.html", tmp_path, 390)
    (site / "plain.html").unlink()
    assert without.content_width == 390
    assert without.document.count("<tr data-s") == 7
    assert 'class="scripts"' not in without.document


def test_readers_who_want_less_motion_see_first_frames(site: Path, tmp_path: Path):
    shown_images = """
    const images = [...page().document.querySelectorAll(".grid img")];
    return images.filter(image => image.offsetParent).map(image => image.className);
    """
    moving = act_on_page(site / "index.html", tmp_path, shown_images).value
    still = act_on_page(
        site / "index.html", tmp_path, shown_images, 1280, "--force-prefers-reduced-motion"
    ).value
    assert set(moving) == {"moving"}
    assert set(still) == {"paused"}
