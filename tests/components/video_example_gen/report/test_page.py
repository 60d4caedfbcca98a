import base64
import re

import numpy as np
import pytest
from PIL import Image

from mocogan.components.video_example_gen.outcomes import VideoOutcome
from mocogan.components.video_example_gen.report import ingest_report as reports
from mocogan.components.video_example_gen.report.page import MAX_PAGE_BYTES, render_ingest_page
from mocogan.components.video_example_gen.report.shown_videos import COPIED_PLACE, STATIC_PLACE
from mocogan.components.video_example_gen.report.statistics import IngestStatistics
from mocogan.components.video_example_gen.report.thumbnails import (
    moving_thumbnail,
    still_thumbnail,
)
from mocogan.data.config import IngestConfig
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.encoding.webp import first_picture
from tests.support.browser import open_browser
from tests.support.html_tags import Tags

ATTACK = '"><script>document.title="owned"</script><img src=x onerror=alert(1)>\u202e\n\'&amp;'
CLIP = np.stack([np.full((16, 16, 3), (200, green, 40), np.uint8) for green in (40, 60)])
MOVING, STILL = moving_thumbnail(CLIP, 5), still_thumbnail(CLIP)


def report_of(outcomes, source="/data/holiday", spec=None):
    statistics = IngestStatistics()
    for number, outcome in enumerate(outcomes):
        statistics.add(outcome, ("eval" if number == 0 else "train") if outcome.accepted else None)
    return reports.ingest_report(statistics, spec or IngestConfig(), source)


def accepted(name, label=b"", clips=1, codec="h264", static=0):
    facts = VideoFacts("mp4", codec, 640, 480, 25.0, 90.0)
    motion = (static, clips - static, 0, 0, 0, 0, 0, 0, 0)
    return VideoOutcome(name, label, clips, facts=facts, motion=motion)


def copy_of(original, name):
    return VideoOutcome(name, b"", 0, "duplicate", "the file is a copy", original=original)


def images_in(page):
    return [attributes for tag, attributes in Tags(page).tags if tag == "img"]


def content_of(source):
    kind, _, content = source.partition(",")
    assert kind == "data:image/webp;base64"
    return base64.b64decode(content)


@pytest.fixture(scope="module")
def holiday():
    """2,000 clips of two classes, three rejected files, one of them a copy."""
    report = report_of(
        [
            accepted(b"beach/1.mp4", b"beach", 1500, static=300),
            accepted(b"snow/2.mp4", b"snow", 500),
            copy_of(b"snow/2.mp4", b"snow/3.mp4"),
            VideoOutcome(b"snow/4.mp4", b"snow", 0, "too_short", "3 frames; a clip takes 16"),
            VideoOutcome(b"snow/5.mp4", b"snow", 0, "empty_file", "the file has no bytes"),
        ],
        spec=IngestConfig(fps=12),
    )
    thumbnails = {
        ("class", b"snow"): [(b"snow/2.mp4", MOVING)],
        STATIC_PLACE: [(b"beach/1.mp4", STILL)],
        ("class", b"beach"): [(b"beach/1.mp4", MOVING)],
        COPIED_PLACE: [(b"snow/2.mp4", STILL)],
    }
    return report, render_ingest_page(report, thumbnails)


def test_the_page_tells_what_the_report_holds(holiday):
    text = Tags(holiday[1]).text
    for shown in ("holiday", "/data/holiday", "2,000", "3 min", "of 5 files", "500 clips, 25%"):
        assert f"\n{shown}\n" in text, shown
    for entry in holiday[0]["videos"]["rejected"]:
        assert f"\n{entry['path']}\n" in text
        if entry["code"] != "duplicate":
            assert f"\n{entry['code']}\n" in text
            assert f"\n{entry['message']}\n" in text
    for note in holiday[0]["notes"]:
        assert note in text
    charts = ("Playing time", "Motion", "Frame rate", "Resolution", "Format")
    for heading in (*charts, "First clips", "Static clips", "Duplicates", "Rejected files"):
        assert f"\n{heading}\n" in text
    assert "static" in text
    assert "\nfps\n12\n" in text


def test_the_page_needs_nothing_else_and_forbids_it(holiday):
    tags = Tags(holiday[1]).tags
    assert not {tag for tag, _ in tags} & {"script", "link", "iframe", "object", "base", "form"}
    for _, attributes in tags:
        assert "href" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "srcset"):
            assert attributes.get(name, "data:").startswith("data:")
    assert "url(" not in holiday[1]
    assert "@import" not in holiday[1]
    policy = next(a["content"] for _, a in tags if "http-equiv" in a)
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert ("meta", {"charset": "utf-8"}) in tags


def test_classes_are_shown_largest_first_with_their_clips(holiday):
    assert re.findall(r"<h3>(.*?)</h3>", holiday[1]) == ["<bdi>beach</bdi>", "<bdi>snow</bdi>"]
    clips = [image for image in images_in(holiday[1]) if image["alt"] == "first clip"]
    assert [content_of(clip["src"]) for clip in clips] == [MOVING, MOVING]
    captions = re.findall(r'<figcaption title="(.*?)"><bdi>(.*?)</bdi>', holiday[1])
    assert captions[:2] == [("beach/1.mp4", "1"), ("snow/2.mp4", "2")]


def test_people_who_want_less_motion_see_the_first_frame(holiday):
    sources = [attributes for tag, attributes in Tags(holiday[1]).tags if tag == "source"]
    assert [source["media"] for source in sources] == ["(prefers-reduced-motion: reduce)"] * 2
    assert [content_of(source["srcset"]) for source in sources] == [first_picture(MOVING)] * 2


def test_clips_of_a_class_are_sorted_by_name():
    names = [b"3.mp4", b"1.mp4", b"2.mp4"]
    page = render_ingest_page(
        report_of([accepted(name) for name in names]),
        {("class", b""): [(name, MOVING) for name in names]},
    )
    assert re.findall(r'title="(\d).mp4"', page) == ["1", "2", "3"]


def test_static_videos_are_shown_with_their_share_and_with_what_to_do(holiday):
    text = Tags(holiday[1]).text
    assert "1 video with clips that hardly move" in text
    assert "lower ingest.fps=12.0." in text
    assert "beach/1.mp4\n300\n1,500\n20%\n" in text
    assert "beach/1.mp4\n300 of 1,500 clips\n" in text
    plain = report_of([accepted(b"a", clips=2, static=2), accepted(b"b", clips=2)])
    assert (
        "raise ingest.frame_stride=1, or set ingest.fps" in Tags(render_ingest_page(plain, {})).text
    )


def test_of_many_static_videos_a_hundred_are_listed():
    report = report_of([accepted(b"%03d" % n, clips=2, static=2) for n in range(250)])
    page = render_ingest_page(report, {})
    assert page.count('<th scope="row"><bdi>') >= 100
    assert "<bdi>099</bdi>" in page
    assert "<bdi>100</bdi>" not in page
    assert "150 more videos not listed." in page


def test_copies_stand_beside_the_file_that_is_kept(holiday):
    text = Tags(holiday[1]).text
    assert "1 file is a byte-for-byte copy of 1 other file." in " ".join(text.split())
    assert "snow/2.mp4\nkept\n1 copy\nsnow/3.mp4\n" in text
    copied = holiday[1][holiday[1].index("<h2>Duplicates</h2>") :]
    assert content_of(images_in(holiday[1])[-1]["src"]) == STILL
    assert copied.count("<img") == 1


def test_many_copies_are_folded_and_the_rest_is_counted():
    outcomes = [accepted(b"a"), VideoOutcome(b"b", b"", 0, "too_short", "3 frames")]
    outcomes += [copy_of(b"a", b"a copy %d" % n) for n in range(600)]
    outcomes += [copy_of(b"b", b"b copy"), copy_of(b"gone", b"copy of gone")]
    outcomes += [copy_of(b"c%03d" % n, b"copy of c%03d" % n) for n in range(20)]
    page = render_ingest_page(report_of(outcomes), {})
    assert "<summary>600 copies</summary>" in page
    assert page.count("<li><bdi>a copy") == 478
    assert "122 more are in ingest_report.json" in page
    assert "<b>More files with copies</b><span>11 files</span>" in page
    assert "<bdi>b</bdi><small>rejected: too_short</small>" in page


def test_names_are_data_wherever_they_stand():
    attack = ATTACK.encode()
    report = report_of(
        [
            accepted(attack + b".mp4", attack, codec=ATTACK, static=1),
            accepted(b"b/b.mp4", b"b"),
            copy_of(attack, attack),
            VideoOutcome(attack, attack, 0, "too_long", ATTACK + "\udcff"),
        ],
        source="/" + ATTACK.replace("/", "") + "\udcff",
    )
    report["notes"].append(ATTACK)
    places = (("class", attack), STATIC_PLACE, COPIED_PLACE)
    page = render_ingest_page(report, {place: [(attack, MOVING)] for place in places})
    page.encode("utf-8")
    parsed = Tags(page)
    assert not [tag for tag, _ in parsed.tags if tag == "script"]
    assert [image["src"][:5] for image in images_in(page)] == ["data:"] * 3
    assert "\u202e" not in page
    # source twice, note, class, charts, captions, static video, copy and original, file and message
    assert parsed.text.count("document.title=") >= 12


def test_the_page_stays_small_with_many_classes_files_and_long_names():
    """The worst that can come: all lists are full, names are as long as can be, thumbnails as large as can be."""
    noise = np.random.default_rng(0).integers(0, 256, (16, 96, 96, 3), np.uint8)
    image = moving_thumbnail(noise, 24)
    labels = [b"%04d" % number + b'"' * 250 for number in range(2000)]
    names = [b"%s/%d" % (label, n) + b'"' * 3000 for label in labels[:50] for n in range(12)]
    outcomes = [accepted(b"%s/1" % label, label, static=1) for label in labels]
    outcomes += [VideoOutcome(name, b"", 0, "too_short", '"' * 5000) for name in names]
    outcomes += [copy_of(names[n % 100], b"%d" % n + b'"' * 3000) for n in range(2000)]
    report = report_of(outcomes)
    thumbnails = {
        ("class", label): [(name, image) for name in names[12 * number : 12 * number + 12]]
        for number, label in enumerate(labels[:50])
    }
    thumbnails |= {
        place: [(name, image) for name in names[:12]] for place in (STATIC_PLACE, COPIED_PLACE)
    }
    size = len(render_ingest_page(report, thumbnails).encode())
    assert 0.9 * MAX_PAGE_BYTES < size <= MAX_PAGE_BYTES < 5_000_000


def test_what_does_not_fit_is_left_out_fairly_and_counted():
    image = moving_thumbnail(
        np.random.default_rng(0).integers(0, 256, (16, 96, 96, 3), np.uint8), 24
    )
    labels = [b"%02d" % number for number in range(53)]
    report = report_of(
        [accepted(b"%s/%d" % (label, n), label) for label in labels for n in range(12)]
    )
    page = render_ingest_page(
        report,
        {
            ("class", label): [(b"%s/%d" % (label, n), image) for n in range(12)]
            for label in labels[:50]
        },
    )
    shown = [article.count("<img") for article in page.split("<article>")[1:]]
    assert len(shown) == 50
    assert max(shown) - min(shown) <= 1
    assert min(shown) >= 2
    assert f"{600 - sum(shown)} more pictures left out" in page
    assert "3 more classes not shown" in page


def test_of_many_rejected_files_every_code_is_shown_and_the_rest_counted():
    outcomes = [VideoOutcome(b"s%d" % n, b"", 0, "too_short", "why") for n in range(2000)]
    outcomes += [VideoOutcome(b"l%d" % n, b"", 0, "too_long", "why") for n in range(600)]
    outcomes += [VideoOutcome(b"e%d" % n, b"", 0, "empty_file", "why") for n in range(3)]
    page = render_ingest_page(report_of([accepted(b"a"), accepted(b"b"), *outcomes]), {})
    assert page.count("<td>why</td>") == 500
    assert page.count("<bdi>e") == 3
    assert "1,751 more are in ingest_report.json" in page
    assert "352 more are in ingest_report.json" in page


def test_without_rejections_classes_or_times_the_page_says_so_and_leaves_the_parts_out():
    facts = VideoFacts("film strip", "png", 64, 64)
    outcomes = [VideoOutcome(b"%d.png" % n, b"", 1, facts=facts) for n in range(2)]
    text = Tags(
        render_ingest_page(report_of(outcomes), {("class", b""): [(b"0.png", MOVING)]})
    ).text
    assert "unknown for all videos" in text
    assert "All videos" in text
    for absent in ("Rejected files", "Duplicates", "Static clips", "Notes", "Classes"):
        assert absent not in text


def test_a_folder_without_a_usable_video_has_a_page_too():
    text = Tags(
        render_ingest_page(report_of([VideoOutcome(b"a", b"", 0, "empty_file", "no bytes")]), {})
    ).text
    assert "100% of the files" in text
    assert "empty_file" in text
    for absent in ("First clips", "Accepted videos"):
        assert absent not in text


@pytest.mark.exhaustive
@pytest.mark.parametrize("width", [390, 1280])
def test_a_browser_shows_all_pictures_and_runs_and_loads_nothing(tmp_path, width):
    attack = ATTACK.encode()
    report = report_of(
        [
            accepted(b"a/b", b"a", 1234),
            accepted(attack, attack, 766, static=1),
            copy_of(attack, attack * 3),
            VideoOutcome(b"long" * 60, b"", 0, "too_long", ATTACK * 3),
        ]
    )
    thumbnails = {
        ("class", attack): [(attack, MOVING)],
        STATIC_PLACE: [(attack, STILL)],
        COPIED_PLACE: [(attack, STILL)],
    }
    reports.write_report(report, thumbnails, str(tmp_path))
    with open_browser(tmp_path) as browser:
        browser.look(width, 1000)
        browser.open((tmp_path / reports.PAGE_FILE).as_uri())
        document = browser.evaluate("document.documentElement.outerHTML")
        assert "<dd>2,000</dd>" in document
        assert "<title>holiday · ingest report</title>" in document
        assert [image["is_drawn"] for image in browser.images()] == [True] * 3
        assert browser.content_width() == width
        assert browser.problems == []
        assert browser.requests == [(tmp_path / reports.PAGE_FILE).as_uri()]


@pytest.mark.exhaustive
def test_a_browser_shows_still_pictures_to_people_who_want_less_motion(tmp_path, holiday):
    page = tmp_path / "page.html"
    page.write_text(holiday[1], "utf-8")
    with open_browser(tmp_path) as browser:
        for motion, expected in ((True, MOVING), (False, STILL)):
            browser.look(1280, 1000, motion=motion)
            browser.open(page.as_uri())
            assert content_of(browser.images()[0]["source"]) == expected


@pytest.mark.exhaustive
@pytest.mark.parametrize("dark", [False, True])
def test_a_browser_draws_the_page_in_both_themes(tmp_path, holiday, dark):
    page, picture = tmp_path / "page.html", tmp_path / "picture.png"
    page.write_text(holiday[1], "utf-8")
    with open_browser(tmp_path) as browser:
        browser.look(800, 1600, dark)
        browser.open(page.as_uri())
        browser.screenshot(picture)
    with Image.open(picture) as screenshot:
        pixels = np.asarray(screenshot.convert("RGB")).astype(int)
    assert (pixels[0, 0].mean() < 60) == dark
    thumbnails = (abs(pixels - (200, 50, 40)) < 20).all(axis=-1)
    assert thumbnails.sum() > 2 * 40 * 40
    colors = np.unique(pixels.reshape(-1, 3), axis=0)
    assert len(colors) > 100  # smoothed letters
