"""The compiled pipelines run, task by task, as on a service: to a pushed model, from the cache, and with new data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mocogan.components.model_pusher.push import push
from mocogan.pipeline.engines.engine_names import ENGINES, KUBEFLOW, VERTEX
from tests.support.spec_executor import SpecError, SpecExecutor, TaskRun

Service = Callable[..., tuple[SpecExecutor, Path]]

ALWAYS = {"Pusher", "BaselineVersion"}
AFTER_THE_INGEST = {
    "VideoExampleGen",
    "StatisticsGen",
    "ExampleValidator",
    "Transform",
    "MoCoGanTrainer",
    "BaselineFinder",
    "VideoEvaluator",
    "ReportGen",
    "InfraValidator",
}


def _show(title: str, done: dict[str, TaskRun]) -> None:
    print(f"\n{title}")
    for number, task in enumerate(done.values(), start=1):
        print(f"[{number}/{len(done)}] {task.name:<16} {task.state:<7} {task.seconds:6.1f} s")


def _ran(done: dict[str, TaskRun]) -> set[str]:
    return {name for name, task in done.items() if task.state == "ran"}


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_two_tasks_run(service: Service, engine: str) -> None:
    executor, _ = service(engine)
    first = "DataFingerprint" if engine == KUBEFLOW else "VideoExampleGen"
    done = executor.run(only=["SchemaGen", first])
    assert _ran(done) == {"SchemaGen", first}
    assert Path(done["SchemaGen"].outputs["schema"]["uri"], "schema.pbtxt").exists()
    if engine == VERTEX:
        assert done[first].outputs["examples"]["metadata"]["clips"] == 24
        page = Path(done[first].outputs["ingest_page"]["uri"])
        assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    else:
        assert len(done[first].parameters["input_fingerprint"]) == 64


@pytest.mark.slow
@pytest.mark.parametrize("engine", [VERTEX])
def test_a_missing_input_is_an_error(service: Service, engine: str) -> None:
    executor, _ = service(engine)
    with pytest.raises(SpecError, match="which has not run"):
        executor.run(only=["StatisticsGen"])


@pytest.mark.exhaustive
@pytest.mark.parametrize("engine", ENGINES)
def test_the_compiled_pipeline_runs_to_a_push_then_from_the_cache_then_with_new_data(
    service: Service, engine: str
) -> None:
    executor, bucket = service(engine)
    always = ALWAYS | ({"DataFingerprint"} if engine == KUBEFLOW else set())
    serving = bucket / "out/serving_model/mocogan"

    done = executor.run({"run_name": "nightly"})
    _show(f"{engine}: first run", done)
    assert _ran(done) == set(executor.tasks())
    (first,) = serving.glob("*/saved_model.pb")
    assert '"run": "nightly"' in (first.parent / "assets.extra/manifest.json").read_text("utf-8")
    assert done["BaselineVersion"].parameters == {"baseline": ""}
    for task, page in (("VideoExampleGen", "ingest_page"), ("ReportGen", "report_page")):
        assert (
            Path(done[task].outputs[page]["uri"]).read_text("utf-8").startswith("<!DOCTYPE html>")
        )

    done = executor.run()
    _show(f"{engine}: unchanged", done)
    assert _ran(done) == always
    assert [*serving.glob("*/saved_model.pb")] == [first]

    video = min((bucket / "videos").rglob("*.mp4"))
    other = max((bucket / "videos").rglob("*.mp4"))
    video.write_bytes(other.read_bytes())
    done = executor.run({"steps": 12})
    _show(f"{engine}: one video replaced", done)
    assert _ran(done) == always | AFTER_THE_INGEST
    assert done["SchemaGen"].state == "cached"
    assert first.parent.name in done["BaselineVersion"].parameters["baseline"]
    assert done["BaselineFinder"].outputs["baseline_model"]["metadata"]["baseline"] == "found"
    assert done["MoCoGanTrainer"].outputs["model"]["metadata"]["steps"] == 12
    # After so few steps, a model can be worse than the baseline.
    blessed = int(done["VideoEvaluator"].outputs["blessing"]["metadata"]["blessed"])
    assert len([*serving.glob("*/saved_model.pb")]) == 1 + blessed


@pytest.mark.exhaustive
@pytest.mark.parametrize("engine", ENGINES)
def test_new_data_start_from_the_newest_model_and_unchanged_data_train_nothing(
    service: Service, engine: str
) -> None:
    executor, bucket = service(engine, "trainer.run.warm_start=latest")
    always = {"TrainingStart"} | ({"DataFingerprint"} if engine == KUBEFLOW else set())
    until = [*executor.tasks()[: executor.tasks().index("MoCoGanTrainer") + 1], "WarmStartFinder"]
    after_the_ingest = AFTER_THE_INGEST & set(until)
    serving = bucket / "out/serving_model/mocogan"

    def run(title: str, **parameters: object) -> dict[str, TaskRun]:
        done = executor.run(parameters, only=until)
        _show(f"{engine}: {title}", done)
        return done

    def model(done: dict[str, TaskRun]) -> dict[str, object]:
        return done["MoCoGanTrainer"].outputs["model"]

    done = run("first run")
    assert _ran(done) == set(until)
    assert done["TrainingStart"].parameters == {"start": ""}
    assert "warm_start" not in model(done)["metadata"]
    first = push(f"{model(done)['uri']}/Format-Serving", str(serving))
    assert _ran(run("unchanged")) == always

    video = min((bucket / "videos").rglob("*.mp4"))
    video.write_bytes(max((bucket / "videos").rglob("*.mp4")).read_bytes())
    done = run("one video replaced")
    assert _ran(done) == always | after_the_ingest | {"WarmStartFinder"}
    assert done["TrainingStart"].parameters == {"start": first.manifest.model_sha256[:16]}
    version = first.manifest.version
    assert done["WarmStartFinder"].outputs["base_model"]["metadata"]["pushed_version"] == version
    assert model(done)["metadata"]["warm_start"].startswith(f"{version}: ")
    push(f"{model(done)['uri']}/Format-Serving", str(serving))
    assert _ran(run("unchanged")) == always

    done = run("started anew", warm_start="none")
    assert _ran(done) == always | {"WarmStartFinder", "MoCoGanTrainer"}
    assert "warm_start" not in model(done)["metadata"]
