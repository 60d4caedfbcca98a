"""Where the nodes that use Apache Beam run: VideoExampleGen, StatisticsGen and Transform."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from mocogan.data.settings import Settings

Runner = Literal["local", "prism", "flink", "spark", "dataflow"]
RUNNERS: tuple[str, ...] = get_args(Runner)
# Flink versions for which Beam publishes job servers, in the releases of both locks.
FlinkVersion = Literal["1.19", "1.20", "2.0"]

_ADDRESS = r"^(\[[0-9A-Fa-f:]+\]|[^\s/:@\[\]]+):[0-9]{1,5}$"
Address = Annotated[str, Field(pattern=_ADDRESS)]
BEAM_RUNNERS = {
    "prism": "PrismRunner",
    "flink": "FlinkRunner",
    "spark": "SparkRunner",
    "dataflow": "DataflowRunner",
}
_LOCAL_RUNNER = "--runner=FnApiRunner"
_THREADS = 4  # of a worker on Dataflow: each decodes in a process of its own


class PrismConfig(Settings):
    """Prism, Beam's own runner for one machine."""

    program: str | None = Field(
        None,
        description="path of the program (null: Beam downloads it)",
    )


class FlinkConfig(Settings):
    """A cluster of Apache Flink."""

    master: Address | None = Field(
        None, description="HOST:PORT of the JobManager's REST API, such as flink:8081"
    )
    version: FlinkVersion = Field("1.20", description="version of the cluster")
    job_server_jar: str | None = Field(
        None, description="path or URL of Beam's job server (null: Beam downloads it)"
    )
    parallelism: int | None = Field(
        None, ge=1, le=32768, description="task slots to use (null: the cluster's default)"
    )


class SparkConfig(Settings):
    """A cluster of Apache Spark 3."""

    master: str | None = Field(
        None,
        pattern=r"^spark://[^\s/:@]+:[0-9]{1,5}$",
        description="address of the master, spark://HOST:PORT",
    )
    job_server_jar: str | None = Field(
        None, description="path or URL of Beam's job server (null: Beam downloads it)"
    )


class DataflowConfig(Settings):
    """Google Cloud Dataflow."""

    project: str | None = Field(None, description="project on Google Cloud")
    region: str | None = Field(None, description="region, such as europe-west4")
    temp_location: str | None = Field(
        None,
        pattern=r"^gs://[^/\s]+",
        description="folder for Beam's own files, gs://BUCKET/FOLDER",
    )
    service_account: str | None = Field(
        None, description="account that the workers work as (null: the project's default)"
    )
    machine_type: str | None = Field(
        None, description="machine of a worker, such as n2-standard-4 (null: Dataflow chooses)"
    )
    max_workers: int | None = Field(
        None, ge=1, le=4000, description="most machines to use (null: Dataflow chooses)"
    )
    endpoint: str | None = Field(
        None, pattern=r"^https?://[^\s@]+$", description="address of the service (null: Google's)"
    )


class BeamConfig(Settings):
    """The Beam runner, and how it and its workers are reached."""

    runner: Runner = Field(
        "local",
        description="where Beam works; local: processes on this machine, see `workers`",
    )
    job_endpoint: Address | None = Field(
        None,
        description="HOST:PORT of a running Beam job service (null: it is started)",
    )
    worker_pool: Address | None = Field(
        None,
        description="HOST:PORT of a pool of workers, as the engine reaches it",
    )
    image: str | None = Field(
        None,
        description="container image for workers with this project (null: service.image)",
    )
    max_wait_minutes: float = Field(
        15, gt=0, le=1440, description="longest wait for the first worker, except on dataflow"
    )
    prism: PrismConfig = PrismConfig()
    flink: FlinkConfig = FlinkConfig()
    spark: SparkConfig = SparkConfig()
    dataflow: DataflowConfig = DataflowConfig()

    def flags(self, service_image: str | None) -> list[str]:
        """Beam's flags for these options. `service_image` is the image if `image` is not set."""
        if self.runner == "local":
            return [_LOCAL_RUNNER]
        flags = [f"--runner={BEAM_RUNNERS[self.runner]}"]
        if self.runner == "dataflow":
            return flags + self._dataflow_flags(self.image or service_image)
        if self.job_endpoint:
            flags.append(f"--job_endpoint={self.job_endpoint}")
        return [*flags, *self._engine_flags(), *self._worker_flags(self.image or service_image)]

    def _engine_flags(self) -> list[str]:
        if self.runner == "prism":
            return [
                *_flag("prism_location", self.prism.program),
                "--prism_log_level=error",  # on the terminal of this process, which shows the progress
                # Prism names itself `localhost` to clients, wherever they are.
                *_flag("artifact_endpoint", self.job_endpoint),
            ]
        if self.runner == "spark":
            return [
                *_flag("spark_master_url", self.spark.master),
                *_flag("spark_job_server_jar", self.spark.job_server_jar),
            ]
        return [
            *_flag("flink_master", self.flink.master),
            *_flag("flink_version", self.flink.version),
            *_flag("flink_job_server_jar", self.flink.job_server_jar),
            *_flag("parallelism", self.flink.parallelism),
        ]

    def _worker_flags(self, image: str | None) -> list[str]:
        if self.worker_pool:
            return ["--environment_type=EXTERNAL", f"--environment_config={self.worker_pool}"]
        if self.runner == "prism" and not self.job_endpoint:
            return []  # the workers are threads of this process
        return ["--environment_type=DOCKER", *_flag("environment_config", image)]

    def _dataflow_flags(self, image: str | None) -> list[str]:
        service = self.dataflow
        return [
            *_flag("project", service.project),
            *_flag("region", service.region),
            *_flag("temp_location", service.temp_location),
            *_flag("sdk_container_image", image),
            "--sdk_location=container",
            f"--number_of_worker_harness_threads={_THREADS}",
            *_flag("service_account_email", service.service_account),
            *_flag("machine_type", service.machine_type),
            *_flag("max_num_workers", service.max_workers),
            *_flag("dataflow_endpoint", service.endpoint),
        ]


def _flag(name: str, value: object | None) -> list[str]:
    return [] if value is None else [f"--{name}={value}"]
