import base64
import re
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

from mocogan.components.video_example_gen.outcomes import VideoOutcome
from mocogan.components.video_example_gen.report import ingest_report as reports
from mocogan.components.video_example_gen.report.contact_sheet import thumbnail
from mocogan.components.video_example_gen.report.page import render_ingest_page
from mocogan.components.video_example_gen.report.statistics import IngestStatistics
from mocogan.data.config import IngestConfig
from mocogan.data.decoding.video_facts import VideoFacts
from tests.support.html_tags import Tags

ATTACK = '"><script>document.title="owned"</script><img src=x onerror=alert(1)>\u202e\n\'&amp;'
IMAGE = thumbnail(np.full((16, 16, 3), (200, 40, 40), np.uint8))


def report_of(outcomes, source="/data/holiday", spec=None):
    statistics = IngestStatistics()
    for number, outcome in enumerate(outcomes):
        statistics.add(outcome, ("eval" if number == 0 else "train") if outcome.accepted else None)
    return reports.ingest_report(statistics, spec or IngestConfig(), source)


def accepted(name, label=b"", clips=1, codec="h264"):
    facts = VideoFacts("mp4", codec, 640, 480, 25.0, 90.0)
    return VideoOutcome(name, label, clips, facts=facts, motion=(1, clips - 1, 0, 0, 0, 0, 0, 0, 0))


@pytest.fixture(scope="module")
def holiday():
    """2,000 clips of two classes, three rejected files, one of them a copy."""
    report = report_of(
        [
            accepted(b"beach/1.mp4", b"beach", 1500),
            accepted(b"snow/2.mp4", b"snow", 500),
            VideoOutcome(b"snow/3.mp4", b"snow", 0, "duplicate", "same content as snow/2.mp4"),
            VideoOutcome(b"snow/4.mp4", b"snow", 0, "too_short", "3 frames; a clip takes 16"),
            VideoOutcome(b"snow/5.mp4", b"snow", 0, "empty_file", "the file has no bytes"),
        ],
        spec=IngestConfig(fps=12),
    )
    page = render_ingest_page(
        report, {b"snow": [(b"snow/2.mp4", IMAGE)], b"beach": [(b"beach/1.mp4", IMAGE)]}
    )
    return report, page


def test_the_page_tells_what_the_report_holds(holiday):
    text = Tags(holiday[1]).text
    for shown in ("holiday", "/data/holiday", "2,000", "3 min", "of 5 files", "500 clips, 25%"):
        assert f"\n{shown}\n" in text, shown
    for entry in holiday[0]["videos"]["rejected"]:
        for field in ("path", "code", "message"):
            assert f"\n{entry[field]}\n" in text
    for note in holiday[0]["notes"]:
        assert note in text
    for heading in ("Playing time", "Motion", "Frame rate", "Resolution", "Format", "Duplicates"):
        assert f"\n{heading}\n" in text
    assert "static" in text
    assert "\nfps\n12\n" in text


def test_the_page_needs_nothing_else_and_forbids_it(holiday):
    tags = Tags(holiday[1]).tags
    assert not {tag for tag, _ in tags} & {"script", "link", "iframe", "object", "base", "form"}
    for tag, attributes in tags:
        assert "href" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        assert tag != "img" or attributes["src"].startswith("data:image/jpeg;base64,")
    assert "url(" not in holiday[1]
    assert "@import" not in holiday[1]
    policy = next(a["content"] for _, a in tags if "http-equiv" in a)
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert ("meta", {"charset": "utf-8"}) in tags


def test_classes_are_shown_largest_first_with_their_frames(holiday):
    assert re.findall(r"<h3>(.*?)</h3>", holiday[1]) == ["<bdi>beach</bdi>", "<bdi>snow</bdi>"]
    images = [attributes for tag, attributes in Tags(holiday[1]).tags if tag == "img"]
    assert [image["alt"] for image in images] == ["beach/1.mp4", "snow/2.mp4"]
    assert base64.b64decode(images[0]["src"].partition(",")[2]) == IMAGE


def test_names_are_data_wherever_they_stand():
    attack = ATTACK.encode()
    report = report_of(
        [
            accepted(attack + b".mp4", attack, codec=ATTACK),
            accepted(b"b/b.mp4", b"b"),
            VideoOutcome(attack, attack, 0, "duplicate", ATTACK),
            VideoOutcome(attack, attack, 0, "too_long", ATTACK + "\udcff"),
        ],
        source="/" + ATTACK.replace("/", "") + "\udcff",
    )
    report["notes"].append(ATTACK)
    page = render_ingest_page(report, {attack: [(attack, IMAGE)]})
    page.encode("utf-8")
    parsed = Tags(page)
    assert not [tag for tag, _ in parsed.tags if tag == "script"]
    assert [a["src"][:5] for tag, a in parsed.tags if tag == "img"] == ["data:"]
    assert "\u202e" not in page
    assert (
        parsed.text.count("document.title=") >= 8
    )  # source twice, note, class, charts, files, messages


def test_at_most_fifty_classes_are_shown():
    labels = [b"%02d" % number for number in range(53)]
    report = report_of([accepted(b"%s/a" % label, label) for label in labels])
    page = render_ingest_page(report, {label: [(b"%s/a" % label, IMAGE)] for label in labels})
    assert page.count("<article>") == 50
    assert "3 more classes are not shown" in page


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
    text = Tags(render_ingest_page(report_of(outcomes), {b"": [(b"0.png", IMAGE)]})).text
    assert "unknown for all videos" in text
    assert "All videos" in text
    for absent in ("Rejected files", "Duplicates", "Notes", "Classes"):
        assert absent not in text


def test_a_folder_without_a_usable_video_has_a_page_too():
    text = Tags(
        render_ingest_page(report_of([VideoOutcome(b"a", b"", 0, "empty_file", "no bytes")]), {})
    ).text
    assert "100% of the files" in text
    assert "empty_file" in text
    for absent in ("First frames", "Accepted videos"):
        assert absent not in text


def chromium(tmp_path, *arguments):
    program = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
    if program is None:
        pytest.skip("no Chromium is installed")
    flags = "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --enable-logging=stderr"
    return subprocess.run(
        [
            program,
            f"--user-data-dir={tmp_path}/profile",
            *flags.split(),
            *arguments,
            (tmp_path / reports.PAGE_FILE).as_uri(),
        ],
        capture_output=True,
        check=True,
    )


@pytest.mark.exhaustive
def test_a_browser_shows_the_numbers_and_runs_nothing(tmp_path):
    attack = ATTACK.encode()
    report = report_of([accepted(b"a/b", b"a", 1234), accepted(attack, attack, 766)])
    reports.write_report(report, {attack: [(attack, IMAGE)]}, str(tmp_path))
    shown = chromium(tmp_path, "--dump-dom")
    document = shown.stdout.decode("utf-8")
    assert "<dd>2,000</dd>" in document
    assert "<title>holiday · ingest report</title>" in document
    assert b"CONSOLE" not in shown.stderr


@pytest.mark.exhaustive
def test_a_browser_draws_the_page(tmp_path, holiday):
    (tmp_path / reports.PAGE_FILE).write_text(holiday[1], "utf-8")
    chromium(tmp_path, "--window-size=800,1600", f"--screenshot={tmp_path}/page.png")
    with Image.open(tmp_path / "page.png") as screenshot:
        pixels = np.asarray(screenshot.convert("RGB")).astype(int)
    thumbnails = (abs(pixels - (200, 40, 40)) < 10).all(axis=-1)
    assert thumbnails.sum() > 2 * 40 * 40
    colors = np.unique(pixels.reshape(-1, 3), axis=0)
    assert len(colors) > 100  # smoothed letters
