"""The whole page: its parts, its size, and what a browser makes of it."""

import re
import time
from itertools import pairwise

import numpy as np
import pytest

from mocogan.components.report_gen.content import ConfigChange, Origin, Provenance, ReportContent
from mocogan.components.report_gen.page import MAX_BYTES, render_report
from mocogan.components.video_evaluator.galleries import names
from tests.support import report_contents as contents
from tests.support.browser import open_browser
from tests.support.html_tags import Tags

ATTACK = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\n{{ 7 * 7 }}'
SECTIONS = [
    "verdict",
    "clips",
    "metrics",
    "protocol",
    "baseline",
    "matrix",
    "classes",
    "nearest",
    "slices",
    "coverage",
    "course",
    "interpolation",
    "long",
    "curves",
    "lineage",
    "limits",
]


@pytest.fixture(scope="module")
def page():
    return render_report(contents.full_content())


def section_ids(page):
    return [attributes["id"] for tag, attributes in Tags(page).tags if tag == "section"]


def images(page):
    return [attributes for tag, attributes in Tags(page).tags if tag == "img"]


def test_the_sections_have_the_order_of_a_reader_in_a_hurry(page):
    assert section_ids(page) == SECTIONS


def test_the_page_needs_nothing_else_and_runs_nothing(page):
    tags = Tags(page).tags
    assert not {tag for tag, _ in tags} & {"script", "link", "iframe", "object", "base", "form"}
    for tag, attributes in tags:
        assert not [name for name in attributes if name.startswith("on") or name == "srcset"]
        assert attributes.get("href", "#").startswith("#")
        assert attributes.get("src", "data:").startswith("data:"), tag
    assert "url(" not in page
    assert "@import" not in page


def test_links_and_labels_lead_to_elements_of_the_page(page):
    tags = Tags(page).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"].removeprefix("#") for tag, attributes in tags if tag == "a"]
    assert links == ["main", *SECTIONS[1:]]
    for _, attributes in tags:
        for name in ("for", "aria-labelledby"):
            assert attributes.get(name, ids[0]) in ids


def test_headings_skip_no_level(page):
    levels = [int(tag[1]) for tag, _ in Tags(page).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_every_image_says_what_it_shows_and_has_its_size(page):
    shown = images(page)
    assert len(shown) > 150
    for image in shown:
        assert len(image["alt"]) > 10
        assert int(image["width"]) > 0
        assert int(image["height"]) > 0
    moving = [image for image in shown if image["class"] == "moving"]
    paused = [image for image in shown if image["class"] == "paused"]
    assert [f"{image['alt']} (first frame)" for image in moving] == [
        image["alt"] for image in paused
    ]


def test_drawings_are_hidden_from_screen_readers_or_described(page):
    drawings = [attributes for tag, attributes in Tags(page).tags if tag == "svg"]
    assert drawings
    for attributes in drawings:
        if attributes.get("role") == "img":
            assert attributes["aria-label"]
        else:
            assert attributes["aria-hidden"] == "true"


def test_wide_parts_scroll_in_their_own_box_and_by_keyboard(page):
    boxes = [a for _, a in Tags(page).tags if "scrolling" in (a.get("class") or "")]
    assert len(boxes) >= 8
    assert all(attributes["tabindex"] == "0" for attributes in boxes)


def test_the_verdict_its_reason_and_the_advice_come_first():
    content = contents.full_content()._replace(evaluation=contents.refused("Train longer"))
    text = Tags(render_report(content)).text
    assert "\nNot blessed\nchange is at 0.9.\n" in text
    assert text.index("Train longer") < text.index("Contents")
    assert text.count("Train longer") == 1
    assert "no baseline: none is pushed or given" in text.split("Candidate and baseline")[-1]


def test_a_run_that_failed_shows_what_there_is():
    content = contents.full_content()
    text = Tags(
        render_report(
            content._replace(state="The training stopped.", evaluation=None, galleries={})
        )
    ).text
    assert "This report is not complete." in text
    assert "The training stopped." in text
    assert "\nNo verdict\n" in text
    assert "The same latents through the training" in text
    assert "\nMetrics\n" not in text


def test_a_title_alone_makes_a_page():
    assert section_ids(render_report(ReportContent("Nothing"))) == ["verdict", "limits"]


@pytest.mark.parametrize("field", ["evaluation", "training", "ingest", "provenance"])
def test_each_part_can_be_missing(field):
    assert "</html>" in render_report(contents.full_content()._replace(**{field: None}))


@pytest.mark.parametrize("name", contents.GALLERIES)
def test_each_gallery_can_be_missing_or_empty(name):
    content = contents.full_content()
    without = {key: part for key, part in content.galleries.items() if key != name}
    empty = content.galleries[name]._replace(clips=np.zeros((0, 4, 8, 8, 3), np.uint8))
    for galleries in (without, without | {name: empty}):
        assert "</html>" in render_report(content._replace(galleries=galleries))


@pytest.mark.parametrize(
    "fields",
    [
        {"protocol": None},
        {"baseline": None},
        {"metrics": {}},
        {"confusion": None},
        {"real_confusion": None},
        {"labels": ()},
        {"confusion": [[1, 2], [3]]},
        {"protocol": contents.protocol(embedding_auc=None, class_counts={})},
    ],
)
def test_each_part_of_the_evaluation_can_be_missing(fields):
    content = contents.full_content()._replace(evaluation=contents.evaluation(**fields))
    assert "</html>" in render_report(content)


def attacked_content():
    """Names that are HTML, in every place that takes a name."""
    content = contents.full_content()
    attacked = {
        name: contents.gallery(
            name,
            part.clips,
            captions=(ATTACK,) * 12,
            row_names=(ATTACK,) * 12,
            column_names=(ATTACK,) * 12,
        )
        for name, part in content.galleries.items()
    }
    return content._replace(
        title=ATTACK,
        state=ATTACK,
        evaluation=contents.evaluation(
            labels=(ATTACK, ATTACK),
            metrics={ATTACK: contents.metric(unit=ATTACK, damage=ATTACK, protocol=ATTACK)},
            protocol=contents.protocol(split=ATTACK, notes=(ATTACK,), class_counts={ATTACK: 1}),
        ),
        galleries=attacked,
        training=contents.training(
            summary=contents.summary(verdict=ATTACK, device=ATTACK),
            config={ATTACK: {ATTACK: ATTACK}},
            history=[{"step": 1, f"losses/{ATTACK}": 1.0}],
        ),
        ingest={"source": ATTACK, "dataset": ATTACK, "labels": {ATTACK: 3, "b": 1}},
        provenance=Provenance(
            [Origin(ATTACK, ATTACK)], [ConfigChange(ATTACK, ATTACK, ATTACK)], ATTACK
        ),
    )


def test_names_are_text_wherever_they_stand():
    page = render_report(attacked_content())
    page.encode("utf-8")
    tags = Tags(page).tags
    assert not [tag for tag, _ in tags if tag == "script"]
    assert all(attributes["src"].startswith("data:") for attributes in images(page))
    assert not [attributes for _, attributes in tags if "onerror" in attributes]
    assert "\u202e" not in page
    assert "49" not in Tags(page).text.split("{{ 7 * 7 }}")[1][:10]


def test_names_without_end_do_not_fill_the_page():
    content = contents.full_content()
    long = {
        name: contents.gallery(name, part.clips, captions=("x" * 100_000,) * 12)
        for name, part in content.galleries.items()
    }
    report = contents.evaluation(labels=("y" * 100_000, "z" * 100_000))
    page = render_report(content._replace(galleries=long, evaluation=report, title="t" * 100_000))
    assert len(page) < 1_000_000


def test_two_thousand_classes_make_a_small_page_in_no_time():
    number = 2000
    random = np.random.default_rng(0)
    counts = random.integers(0, 3, (number, number))
    labels = tuple(f"class {n}" for n in range(number))
    clips = contents.moving_squares(2 * number)
    report = contents.evaluation(
        confusion=counts.tolist(),
        real_confusion=counts.T.tolist(),
        labels=labels,
        protocol=contents.protocol(class_counts=dict.fromkeys(labels, 1)),
    )
    galleries = {names.CLASSES: contents.gallery(names.CLASSES, clips, row_names=labels)}
    content = ReportContent("Many classes", evaluation=report, galleries=galleries)
    start = time.process_time()
    page = render_report(content)
    assert time.process_time() - start < 5
    assert len(page) < 500_000
    text = Tags(page).text
    assert "2,000 classes, the 12 with the most mistakes" in text
    assert "3,976 more clips are in galleries/classes.png" in text


def test_a_long_training_is_thinned():
    content = contents.full_content()
    lines = contents.history(20_000)
    page = render_report(content._replace(training=contents.training(history=lines)))
    assert len(page) < len(render_report(content)) + 20_000


def test_clips_that_compress_badly_are_shown_with_loss_and_the_page_says_so():
    content = contents.full_content()
    clips = contents.noise(12, num_frames=8, size=48)
    page = render_report(content._replace(galleries=contents.all_galleries(clips)))
    assert len(page.encode()) <= MAX_BYTES
    assert "clips are shown with loss (WebP, quality" in page


@pytest.mark.exhaustive
@pytest.mark.parametrize(("number", "size"), [(40, 64), (8, 256)])
def test_all_galleries_of_noise_make_a_page_below_five_megabytes(number, size):
    clips = contents.noise(number, size=size)
    samples = [contents.SampledStep(n, clips[:4]) for n in range(20)]
    content = contents.full_content()._replace(
        galleries=contents.all_galleries(clips), training=contents.training(samples=samples)
    )
    page = render_report(content)
    assert len(page.encode()) <= MAX_BYTES
    assert len(images(page)) > 40


@pytest.mark.exhaustive
@pytest.mark.parametrize("make", [contents.full_content, attacked_content])
def test_a_browser_shows_all_images_without_errors_requests_or_a_page_that_scrolls_sideways(
    make, tmp_path
):
    page, file = render_report(make()), tmp_path / "page.html"
    file.write_text(page, "utf-8")
    with open_browser(tmp_path) as browser:
        for width in (390, 1280):
            browser.look(width, 800)
            browser.open(file.as_uri())
            assert [image["is_drawn"] for image in browser.images()] == [True] * len(images(page))
            assert browser.content_width() == width
        assert browser.problems == []
        assert set(browser.requests) == {file.as_uri()}
