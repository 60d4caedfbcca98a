from __future__ import annotations

import json
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from benchmarks.run_store.many_runs import write_many_runs
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.metadata.runs import RunReader
from mocogan.pipeline.metadata.store import MetadataMissing
from mocogan.pipeline.result_folder import FolderRefused
from mocogan.pipeline.runs.removal import plan_removal, remove
from mocogan.pipeline.site.contents import read_contents
from mocogan.pipeline.site.writer import write_site
from tests.support.html_tags import Tags
from tests.support.run_folders import CACHED, CODE, FAILED, FIRST, LONGER, write_runs
from tests.support.run_sites import HOSTILE_NAME, write_runs_with_clips

HOSTILE = 7  # number of the run


def page(site: Path, name: str) -> Tags:
    return Tags((site / name).read_text(encoding="utf-8"))


def targets(site: Path, name: str) -> set[str]:
    """What a page links to and shows, relative to the site, without parts of pages."""
    found = {
        a
        for _, attributes in page(site, name).tags
        for k in ("href", "src")
        if (a := attributes.get(k))
    }
    folder = (site / name).parent
    return {
        str((folder / unquote(urlsplit(target).path)).resolve())
        for target in found
        if not target.startswith("#")
    }


def test_there_is_a_page_for_each_run_and_each_artifact(out: Path, site: Path):
    contents = read_contents(out)
    assert {path.name for path in (site / "runs").iterdir()} == {f"{n}.html" for n in range(1, 8)}
    assert {path.stem for path in (site / "artifacts").iterdir()} == set(
        map(str, contents.artifacts)
    )
    assert {path.stem for path in (site / "data").iterdir()} == {"runs", *map(str, range(1, 8))}


def test_all_links_lead_to_files(site: Path):
    for path in site.rglob("*.html"):
        for target in targets(site, str(path.relative_to(site))):
            assert Path(target).exists(), (path.name, target)


def test_anchors_exist(site: Path):
    tags = page(site, f"runs/{FIRST}.html").tags
    ids = {attributes.get("id") for _, attributes in tags}
    anchors = {a for _, attributes in tags if (a := attributes.get("href") or "").startswith("#")}
    assert len(anchors) > 8
    assert {anchor[1:] for anchor in anchors} <= ids


def test_the_first_page_lists_states_nodes_and_results(site: Path):
    shown = page(site, "index.html")
    rows = [attributes for tag, attributes in shown.tags if tag == "tr" and "data-s" in attributes]
    assert [row["data-s"] for row in rows] == [
        "done",
        "done",
        "done",
        "killed",
        "failed",
        "done",
        "done",
    ]
    assert [row["data-b"] for row in rows][:3] == ["blessed", "not-blessed", "not-blessed"]
    assert "weights contain NaN or Inf after step 120" in shown.text
    assert "4 cached, MoCoGanTrainer killed" in [a.get("title") for _, a in shown.tags] or any(
        "MoCoGanTrainer killed" in (a.get("title") or "") for _, a in shown.tags
    )
    assert "1.80 to 2.20" in shown.text


def test_the_newest_samples_move_and_have_a_first_frame(out: Path, site: Path):
    images = [a for tag, a in page(site, "index.html").tags if tag == "img"]
    moving = [a["src"] or "" for a in images if a["class"] == "moving"]
    still = [a["src"] or "" for a in images if a["class"] == "paused"]
    assert len(moving) == len(still) == 3  # as many as models
    assert all(source.startswith("../tfx_pipeline_output/VideoEvaluator/") for source in moving)
    assert all((site / unquote(source)).read_bytes().startswith(b"\x89PNG") for source in still)


def test_names_are_escaped(site: Path):
    for path in [*site.rglob("*.html"), *site.rglob("*.js")]:
        assert path.name == "site.js" or HOSTILE_NAME not in path.read_text(encoding="utf-8"), path
    assert HOSTILE_NAME in page(site, f"runs/{HOSTILE}.html").text
    scripts = [
        a.get("src") for tag, a in page(site, f"runs/{HOSTILE}.html").tags if tag == "script"
    ]
    assert scripts == ["../site.js"]


def test_a_run_shows_its_failure_log_and_what_changed(site: Path):
    failed = page(site, f"runs/{FAILED}.html")
    assert "weights contain NaN or Inf after step 120" in failed.text
    assert any((a.get("href") or "").endswith("config.yaml") for _, a in failed.tags)
    longer = page(site, f"runs/{LONGER}.html").text
    assert "trainer.run.steps\n1000\n5000" in longer
    assert "Clips in the same order have the same seed (3)." in longer
    assert "Configuration, data, code and nodes" not in longer
    assert "VideoEvaluator\n-\n1111111111111111" in page(site, f"runs/{CODE}.html").text


def test_a_node_opens_its_artifacts(out: Path, site: Path):
    run = RunReader(out).find(str(HOSTILE))
    shown = targets(site, f"runs/{HOSTILE}.html")
    model = run.output("model")
    assert model is not None
    assert str(site / f"artifacts/{model.id}.html") in shown
    evaluation = run.output("evaluation")
    assert evaluation is not None
    assert f"{evaluation.uri}/galleries/generated.gif" in shown
    assert any(target.endswith("ingest_report.html") for target in shown)
    assert (
        f"mocogan generate '{model.uri}/Format-Serving'" in page(site, f"runs/{HOSTILE}.html").text
    )


def test_unchanged_pages_are_kept(tmp_path: Path):
    out = write_runs(tmp_path / "out")
    first = write_site(out)
    again = write_site(out)
    assert first.kept == 0
    assert again.kept == first.runs * 2 + first.artifacts
    shutil.rmtree(Path(RunReader(out).find(str(CACHED)).output("model").uri))  # type: ignore[union-attr]
    changed = write_site(out)
    assert 0 < changed.written - again.written < first.artifacts
    (out / "site" / "runs" / "1.html").unlink()
    assert write_site(out).written == again.written + 1


def test_outside_of_the_output_folder_small_files_are_copied(out: Path, tmp_path: Path):
    site = write_site(out, tmp_path / "public").page.parent
    copied = {path for path in (site / "media").rglob("*") if path.suffix == ".gif"}
    assert len(copied) == 4 * 3  # as many as evaluations, with three galleries each
    for path in site.rglob("*.html"):
        if "media" in path.parts:
            continue
        for target in targets(site, str(path.relative_to(site))):
            assert Path(target).is_relative_to(site), target
            assert Path(target).exists(), target


def test_a_folder_that_was_moved_keeps_its_clips(tmp_path: Path):
    before = write_runs_with_clips(tmp_path / "before")
    out = before.rename(tmp_path / "after")
    site = write_site(out).page.parent
    moving = [a["src"] or "" for tag, a in page(site, "index.html").tags if tag == "img"]
    assert moving
    assert all((site / unquote(source)).exists() for source in moving)


def test_pages_of_a_removed_run_are_deleted_and_not_linked(tmp_path: Path):
    out = write_runs_with_clips(tmp_path / "out")
    site = write_site(out).page.parent
    reader = RunReader(out)
    run = reader.find(str(FIRST))
    remove(plan_removal(reader, run), reader.out)
    write_site(out)
    assert not (site / "runs" / "1.html").exists()
    assert not (site / "data" / "1.js").exists()
    for path in site.rglob("*.html"):
        for target in targets(site, str(path.relative_to(site))):
            assert Path(target).exists(), (path.name, target)
    model = run.output("model")
    assert model is not None
    shown = page(site, f"artifacts/{model.id}.html").text
    assert "MoCoGanTrainer of run 1 (removed)" in shown
    assert "\ndeleted\n" in shown


def test_another_folder_is_not_overwritten(out: Path, tmp_path: Path):
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(FolderRefused, match="which no site wrote"):
        write_site(out, tmp_path)
    assert (tmp_path / "index.html").read_text() == "mine"


def test_a_site_that_was_interrupted_is_written_again(out: Path, tmp_path: Path):
    site = tmp_path / "site"
    write_site(out, site)
    (site / "index.html").rename(site / "index.html.partial")
    assert write_site(out, site).page.is_file()


def test_mistakes_have_a_message(out: Path, tmp_path: Path):
    with pytest.raises(MetadataMissing):
        write_site(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(ExpectedError, match=r"cannot be written: .*/file is a file"):
        write_site(out, tmp_path / "file" / "site")


def test_the_data_of_a_comparison_is_a_script(site: Path):
    text = (site / "data" / f"{LONGER}.js").read_text()
    assert text.isascii()
    call, _, content = text.partition("(2, ")
    assert call == "siteRun"
    run = json.loads(content.removesuffix(");\n"))
    assert run["values"]["config"]["trainer.run.steps"] == "5000"
    assert run["values"]["metric"]["clip_distance"] == "1.00 (0.900 to 1.10)"
    assert run["seed"] == 3
    assert list(run["clips"]) == ["generated", "real", "matrix"]


@pytest.mark.exhaustive
def test_a_thousand_runs_make_a_small_first_page(tmp_path: Path):
    write_many_runs(tmp_path, 1000)
    written = write_site(tmp_path)
    assert written.page.stat().st_size < 2_000_000
    assert written.artifacts > 4000
