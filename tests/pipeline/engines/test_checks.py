"""What cannot run on a service is refused before it is compiled, in one line each."""

from __future__ import annotations

import pytest

from mocogan.pipeline.config.loading import ConfigError, load_config
from mocogan.pipeline.engines.checks import check_config, config_warnings
from mocogan.pipeline.engines.engine_names import ENGINES, KUBEFLOW, VERTEX

IMAGE = f"service.image=registry/mocogan@sha256:{'0' * 64}"
TRAINER = "service.resources.MoCoGanTrainer"


def _check(engine: str, *assignments: str, data: str = "gs://bucket/v", out: str = "gs://b-1/o"):
    check_config(load_config(data=data, out=out, assignments=assignments), engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_good_configuration_passes(engine: str) -> None:
    _check(engine, IMAGE)


def test_vertex_mounts_buckets() -> None:
    _check(VERTEX, IMAGE, data="/gcs/bucket/videos")
    with pytest.raises(ConfigError, match="Containers do not see folders of this machine"):
        _check(KUBEFLOW, IMAGE, data="/gcs/bucket/videos")


@pytest.mark.parametrize(
    ("engine", "folders", "message"),
    [
        (VERTEX, {"out": "output"}, "out=.*must be an address such as gs://BUCKET/FOLDER"),
        (VERTEX, {"data": "videos"}, "Containers do not see folders of this machine"),
        (KUBEFLOW, {"out": "minio://mlpipeline/v2"}, "gs:// only here. Use a bucket of Google"),
        (KUBEFLOW, {"data": "s3://bucket/v"}, "gs:// only here. Use a bucket of Google"),
        (VERTEX, {"out": "gs://"}, "It does not name a bucket"),
    ],
)
def test_folders_must_be_addresses(engine: str, folders: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        _check(engine, IMAGE, **folders)


def test_the_model_to_start_from_is_an_address() -> None:
    for start in ("none", "latest", "gs://bucket/models/17"):
        _check(KUBEFLOW, IMAGE, f"trainer.run.warm_start={start}")
    with pytest.raises(ConfigError, match=r"warm_start=/.*models/17 must be an address such as gs"):
        _check(VERTEX, IMAGE, "trainer.run.warm_start=models/17")


@pytest.mark.parametrize(
    ("engine", "assignment", "message"),
    [
        (KUBEFLOW, f"{TRAINER}.gpu_type=NVIDIA_TESLA_T4", "Use nvidia.com/gpu"),
        (VERTEX, f"{TRAINER}.gpu_type=nvidia.com/gpu", "not known on Vertex AI. Use NVIDIA_"),
        (VERTEX, f"{TRAINER}={{gpu_type: NVIDIA_L4, gpu_count: 3}}", "machines with 1, 2, 4, 8"),
        (VERTEX, f"{TRAINER}={{gpu_type: NVIDIA_TESLA_V100, cpu: 16}}", "has at most 12"),
        (VERTEX, "service.labels={Team: video}", "service.labels.Team=video is not valid"),
        (KUBEFLOW, "service.environment={'A B': c}", "not the name of an environment variable"),
        (VERTEX, "metadata=mysql://me@db/runs", "the service has a store of its own"),
    ],
)
def test_names_must_be_those_of_the_engine(engine: str, assignment: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        _check(engine, IMAGE, assignment)


def test_an_image_is_needed_and_best_has_a_digest() -> None:
    with pytest.raises(ConfigError, match=r"service\.image is not set"):
        _check(VERTEX)
    tagged = load_config(data="v", assignments=["service.image=registry/mocogan:1"])
    assert "has no digest" in config_warnings(tagged)[0]
    assert config_warnings(load_config(data="v", assignments=[IMAGE])) == []


JOB = "service.vertex.custom_job"


@pytest.mark.parametrize(
    ("assignments", "message"),
    [
        ([f"{JOB}={{machine_type: n1-standard-8, replicas: 2}}"], None),
        ([f"{JOB}.machine_type=e2-standard-8"], "e2-standard-8 takes no accelerators"),
        ([f"{JOB}.machine_type=n1-standard-8", f"{TRAINER}.cpu=4"], "cpu=4: service.vertex"),
        (
            [f"{JOB}={{machine_type: n1-standard-8, replicas: 3}}"],
            "trainer.run.batch_size=8 must be a multiple of 3",
        ),
        (
            [f"{JOB}={{machine_type: n1-standard-8, replicas: 2}}", "trainer.run.max_minutes=5"],
            "max_minutes=5 is for one machine",
        ),
        (
            [
                f"{JOB}={{machine_type: n1-standard-8, replicas: 2}}",
                "trainer.run.distribution=none",
            ],
            "needs trainer.run.distribution=auto, not none",
        ),
    ],
)
def test_the_machines_of_a_custom_job_are_checked_for_vertex(
    assignments: list[str], message: str | None
) -> None:
    _check(KUBEFLOW, IMAGE, *(each for each in assignments if each.startswith(JOB)))
    if message is None:
        _check(VERTEX, IMAGE, *assignments)
        return
    with pytest.raises(ConfigError, match=message):
        _check(VERTEX, IMAGE, *assignments)


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        (f"{JOB}.spot=true", "spot=true needs machine_type, such as n1-standard-8"),
        (f"{JOB}.machine_type=N1", "machine_type"),
        (f"{JOB}={{machine_type: n1-standard-8, replicas: 0}}", "replicas"),
        ("service.resources.Trainer.cpu=4", "resources names the node 'Trainer'. The nodes are"),
        ("service.uncached=[Trainer]", "uncached names the node 'Trainer'"),
        (f"{TRAINER}.cpus=4", "cpus=4"),
        ("service.gpu_count=2", "service.gpu_count is now service.resources.MoCoGanTrainer.gpu_"),
    ],
)
def test_wrong_options_are_refused(assignment: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(data="v", assignments=[assignment])


def test_the_trainer_gets_an_accelerator_unless_told_otherwise() -> None:
    service = load_config(data="v").service
    assert service.resources_of("MoCoGanTrainer").gpu_count == 1
    assert service.resources_of("Transform").gpu_count == 0
    told = load_config(data="v", assignments=[f"{TRAINER}.gpu_count=0"]).service
    assert told.resources_of("MoCoGanTrainer").gpu_count == 0
