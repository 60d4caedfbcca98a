import re

import numpy as np
import pytest
import yaml

from mocogan.components.report_gen.content import Origin, Provenance, ReportContent
from mocogan.components.report_gen.model_card import render_model_card
from tests.support import report_contents as contents

ATTACK = "<script>alert(1)</script>|`*_\n# x\u202e"
HEADINGS = [
    "# Model card: Actions",
    "## Model details",
    "### References",
    "## How to make a clip",
    "## Considerations",
    "### Intended users",
    "### Use cases",
    "### Limitations",
    "### Trade-offs",
    "### Ethical considerations",
    "## Quantitative analysis",
    "### Classes",
    "## Training data",
    "## Training",
    "### Configuration",
    "## Where it comes from",
]


@pytest.fixture(scope="module")
def card():
    return render_model_card(contents.full_content())


def headings(card):
    return re.findall("^#.*$", card.split("---", 2)[2], re.MULTILINE)


def test_it_has_the_fields_of_the_model_card_toolkit(card):
    shown = [line for line in headings(card) if not line.startswith("#  ")]
    assert shown == HEADINGS
    for field in ("Overview", "Version", "Owners", "License", "Architecture", "Input", "Output"):
        assert f"| {field} |" in card


def test_the_front_matter_is_yaml_with_tags(card):
    assert "mocogan" in yaml.safe_load(card.split("---")[1])["tags"]


def test_it_tells_the_metrics_the_data_and_the_risk_of_copies(card):
    assert (
        "| Clip distance (form and motion) | ↓ lower | 0.200 gray levels | 0.100 to 0.300 |" in card
    )
    assert "FVD (" not in card
    assert "| walk | 90% of 20 | 100% of 20 | wave |" in card
    assert "| Data folder | /data/actions |" in card
    assert "Measured share of copies of training clips: none" in card
    assert "uint8 `[num_clips, 4, 8, 8, 3]`" in card
    assert "| `trainer.run.steps` | `3000` |" in card
    assert "mocogan generate MODEL" in card


def test_every_table_row_has_the_columns_of_its_header(card):
    for part in re.findall(r"(?:^\|.*\n?)+", card, re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in part.strip().split("\n")}
        assert len(widths) == 1, part


def test_names_stay_text():
    content = contents.full_content()._replace(
        title=ATTACK,
        evaluation=contents.evaluation(
            labels=(ATTACK, ATTACK), protocol=contents.protocol(split=ATTACK)
        ),
        ingest={"source": ATTACK, "labels": {ATTACK: 3, "b": 1}, "notes": [ATTACK]},
        provenance=Provenance([Origin(ATTACK, ATTACK)], None, ATTACK),
    )
    card = render_model_card(content)
    unescaped = re.sub(r"\\.", "", card)
    outside_code = re.sub(r"^    .*$|(`+).*?\1(?!`)", "", unescaped, flags=re.MULTILINE)
    assert "<script>" not in outside_code
    assert "\u202e" not in card
    assert not [line for line in headings(card) if line == "# x"]


def test_a_refused_model_is_called_so():
    content = contents.full_content()._replace(evaluation=contents.refused())
    assert "**Not blessed:** change is at 0.9." in render_model_card(content)


@pytest.mark.parametrize("field", ["evaluation", "training", "ingest", "provenance"])
def test_each_part_can_be_missing(field):
    assert "## Training data" in render_model_card(
        contents.full_content()._replace(**{field: None})
    )


def test_a_title_alone_makes_a_card():
    card = render_model_card(ReportContent("Nothing", state="The training failed."))
    assert "> **Not complete.** The training failed." in card
    assert "**Not evaluated.**" in card


def test_many_classes_and_notes_are_cut():
    labels = {f"class {n}": n for n in range(2000)}
    counts = np.eye(2000, dtype=int).tolist()
    content = contents.full_content()._replace(
        ingest={"labels": labels, "notes": ["note"] * 100},
        evaluation=contents.evaluation(confusion=counts, labels=tuple(labels)),
    )
    card = render_model_card(content)
    assert "1,950 more classes are not listed." in card
    assert "1,988 more classes have fewer mistakes." in card
    assert len(card) < 20_000
