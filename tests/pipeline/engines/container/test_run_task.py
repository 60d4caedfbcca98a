"""The command of a container."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mocogan.components.schema import schema_fingerprint
from mocogan.pipeline.engines.container.html_pages import HtmlPage, copy_pages, parse_pages
from mocogan.pipeline.engines.container.run_task import main


def _executor_input(folder: Path) -> str:
    title = "title: tfx.Schema\ntype: object\n"
    schema = {"uri": str(folder / "schema"), "type": {"instanceSchema": title}}
    return json.dumps(
        {
            "inputs": {"parameterValues": {"schema_fingerprint": schema_fingerprint()}},
            "outputs": {
                "artifacts": {"schema": {"artifacts": [schema]}},
                "outputFile": str(folder / "executor_output.json"),
            },
        }
    )


def _arguments(folder: Path) -> list[str]:
    definitions = {"parameters": {"schema_fingerprint": {"parameterType": "STRING"}}}
    return [
        "--executor_class_path=mocogan.components.schema.executor.Executor",
        "--json_serialized_invocation_args",
        _executor_input(folder),
        "--json_serialized_inputs_spec_args",
        json.dumps(definitions),
        "--runner=FnApiRunner",
    ]


def test_a_component_runs_and_its_output_is_recorded(tmp_path: Path) -> None:
    assert main(_arguments(tmp_path)) == 0
    assert (tmp_path / "schema/schema.pbtxt").exists()
    output = json.loads((tmp_path / "executor_output.json").read_text())
    assert output["artifacts"]["schema"]["artifacts"][0]["uri"] == str(tmp_path / "schema")


def test_with_other_code_nothing_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"--compiled_code={'0' * 16}:mocogan.data.pixels", *_arguments(tmp_path)]) == 1
    assert "error: the image has other code than the pipeline" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_page_is_copied_to_its_own_output(tmp_path: Path) -> None:
    (page,) = parse_pages(["report_page=report/report.html"])
    assert page == HtmlPage("report_page", "report", "report.html")
    (tmp_path / "report").mkdir()
    (tmp_path / "report/report.html").write_text("<p>")
    target = {"uri": str(tmp_path / "new/report_page")}
    outputs = {
        "report": {"artifacts": [{"uri": str(tmp_path / "report")}]},
        "report_page": {"artifacts": [target]},
    }
    assert copy_pages([page], outputs) == {"report_page": {"artifacts": [target]}}
    assert (tmp_path / "new/report_page").read_text() == "<p>"
