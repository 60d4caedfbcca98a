"""How the services are reached on which a compiled pipeline runs. Credentials are no part of the configuration."""

from __future__ import annotations

from pydantic import Field

from mocogan.data.settings import Settings


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
