"""Shows the reports in the service's own pages: each is an artifact of the type that services show as HTML."""

from __future__ import annotations

from mocogan.components.report_gen.content import PAGE_FILE
from mocogan.components.report_gen.executor import INGEST_REPORT_KEY, REPORT_KEY
from mocogan.components.video_example_gen.report.ingest_report import PAGE_FILE as INGEST_PAGE_FILE
from mocogan.pipeline.engines.container.html_pages import PAGE_FLAG
from mocogan.pipeline.engines.spec.outside_state import INGEST
from mocogan.pipeline.engines.spec.parts import Spec, add_argument, component

_HTML = {"artifactType": {"schemaTitle": "system.HTML", "schemaVersion": "0.0.1"}}
# Node -> name of the new output, the output that has the page, and the page's file.
_PAGES = {
    INGEST: ("ingest_page", INGEST_REPORT_KEY, INGEST_PAGE_FILE),
    "ReportGen": ("report_page", REPORT_KEY, PAGE_FILE),
}


def add_pages(spec: Spec) -> None:
    """Adds an output with the page of each report."""
    for node, (name, output, file) in _PAGES.items():
        component(spec, node)["outputDefinitions"]["artifacts"][name] = _HTML
        add_argument(spec, node, PAGE_FLAG, f"{name}={output}/{file}")
