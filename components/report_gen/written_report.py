"""Writes a report: the page and the model card."""

from __future__ import annotations

import os

from tfx.dsl.io import fileio

from mocogan.components.report_gen.content import CARD_FILE, PAGE_FILE, ReportContent
from mocogan.components.report_gen.model_card import render_model_card
from mocogan.components.report_gen.page import render_report


def write_report(folder: str, content: ReportContent) -> None:
    """Writes CARD_FILE, then PAGE_FILE, into `folder`, which is made if it is missing."""
    fileio.makedirs(folder)
    for name, text in (
        (CARD_FILE, render_model_card(content)),
        (PAGE_FILE, render_report(content)),
    ):
        with fileio.open(os.path.join(folder, name), "wb") as file:
            file.write(text.encode("utf-8"))
