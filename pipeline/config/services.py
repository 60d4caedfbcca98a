"""How the services are reached on which a compiled pipeline runs. Credentials are no part of the configuration."""

from __future__ import annotations

from pydantic import Field, model_validator

from mocogan.data.settings import Settings


class CustomJobConfig(Settings):
    """The custom job of Vertex AI that trains, in place of the trainer's own task. Its accelerators are those of the
    trainer in `service.resources`.
    """

    machine_type: str | None = Field(
        None,
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)+$",
        description="machine type, such as n1-standard-8 (null: no job, the task trains)",
    )
    replicas: int = Field(
        1,
        ge=1,
        le=100,
        description="number of machines that train together",
    )
    spot: bool = Field(False, description="spot machines, which Google can take away")
    restart: bool = Field(
        True, description="restart of the whole job if one of its machines restarts"
    )
    max_hours: float = Field(168, gt=0, le=720, description="maximum time of the job in hours")

    @model_validator(mode="after")
    def _a_machine_is_named(self) -> CustomJobConfig:
        given = sorted(self.model_fields_set - {"machine_type"})
        changed = [name for name in given if getattr(self, name) != _default(name)]
        if self.machine_type is None and changed:
            value = str(getattr(self, changed[0])).lower()  # as YAML writes it
            raise ValueError(
                f"{changed[0]}={value} needs machine_type, such as n1-standard-8, because without one the trainer "
                "runs in its own task"
            )
        return self


def _default(option: str) -> object:
    return CustomJobConfig.model_fields[option].default


class VertexConfig(Settings):
    """The project on Google Cloud, and how its runs work."""

    project: str | None = Field(
        None, description="project on Google Cloud (null: GOOGLE_CLOUD_PROJECT, or gcloud's)"
    )
    region: str | None = Field(
        None, description="region, such as europe-west4 (null: GOOGLE_CLOUD_REGION)"
    )
    service_account: str | None = Field(
        None, description="account that the runs work as (null: the project's default)"
    )
    network: str | None = Field(
        None,
        pattern=r"^projects/[^/]+/global/networks/[^/]+$",
        description="peered network, projects/NUMBER/global/networks/NAME",
    )
    api_endpoint: str | None = Field(
        None,
        pattern=r"^[^\s/@]+$",
        description="HOST or HOST:PORT of the service or a proxy (null: the region's)",
    )
    custom_job: CustomJobConfig = CustomJobConfig()


class KubeflowConfig(Settings):
    """A cluster with Kubeflow Pipelines, and how its runs work."""

    host: str | None = Field(
        None,
        pattern=r"^https?://[^\s@]+$",
        description="address of Kubeflow Pipelines (null: KF_PIPELINES_ENDPOINT, or the kubeconfig)",
    )
    namespace: str | None = Field(
        None, description="namespace of the runs, if users have namespaces of their own"
    )
    experiment: str | None = Field(
        None, description="experiment of the runs (null: the name of the pipeline)"
    )
    service_account: str | None = Field(
        None, description="Kubernetes account that the runs work as (null: the cluster's default)"
    )
    ca_cert: str | None = Field(
        None, description="file with certificates to trust (null: those of certifi)"
    )
    time_zone: str = Field(
        "UTC", description="zone of the cluster's scheduler, its CRON_SCHEDULE_TIMEZONE"
    )
