from mocogan.components.report_gen.content import ReportContent
from mocogan.components.report_gen.sections.limits import limits
from tests.support import report_contents as contents


def text(**fields):
    return "\n".join(limits(ReportContent("x", evaluation=contents.evaluation(**fields))))


def test_few_clips_and_a_missing_fvd_are_said():
    found = text()
    assert "there is no FVD" in found
    assert "40 clips of 20 videos" in found
    assert "which is few" in found


def test_what_was_measured_is_not_called_missing():
    found = text(
        metrics={"fvd": contents.metric()},
        protocol=contents.protocol(real_clips=2048, embedding_auc=0.6),
    )
    assert "FVD" not in found
    assert "which is few" not in found
    assert "ROC AUC 0.60" in found


def test_without_clips_there_are_no_metrics():
    assert "No clips were compared" in text(protocol=None)
