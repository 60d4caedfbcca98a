"""The connection to Vertex AI: project, region, credentials of the standard chain, and errors in one line."""

from __future__ import annotations

import concurrent.futures
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from mocogan.pipeline.config.services import VertexConfig
from mocogan.pipeline.engines.patience import NotThere, ServiceRefused, ServiceUnavailable
from mocogan.pipeline.errors import ExpectedError

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from google.cloud.aiplatform_v1 import PipelineServiceClient, ScheduleServiceClient

_PROJECT_VARIABLES = ("GOOGLE_CLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT")
_REGION_VARIABLES = ("GOOGLE_CLOUD_REGION", "CLOUD_ML_REGION")
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_NO_TOKEN = "Getting metadata from plugin failed"  # gRPC, if the credentials give no token


class VertexNotSetUp(ExpectedError):
    """Project, region or credentials are missing."""


class VertexConnection:
    """The clients of one project in one region. Nothing is sent before the first request.

    Raises VertexNotSetUp if the region is not known.
    """

    def __init__(self, settings: VertexConfig, timeout: float) -> None:
        self.settings = settings
        self.timeout = timeout  # seconds, of each request and of all its tries
        region = settings.region or _variable(_REGION_VARIABLES)
        if not region:
            raise VertexNotSetUp(
                "no region. Set service.vertex.region, for example --set service.vertex.region=europe-west4"
            )
        self.region = region
        self.endpoint = settings.api_endpoint or f"{self.region}-aiplatform.googleapis.com"

    @cached_property
    def project(self) -> str:
        """Id of the project. Raises VertexNotSetUp."""
        named = self.settings.project or _variable(_PROJECT_VARIABLES)
        project = named or self._default[1]
        if not project:
            raise VertexNotSetUp("no project. Set service.vertex.project or GOOGLE_CLOUD_PROJECT")
        return project

    @property
    def parent(self) -> str:
        """Resource name of the project's part in the region."""
        return f"projects/{self.project}/locations/{self.region}"

    def check_region(self) -> None:
        """Raises VertexNotSetUp if Google's client does not know the region."""
        from google.cloud.aiplatform.utils import validate_region

        try:
            validate_region(self.region)
        except ValueError:
            raise VertexNotSetUp(
                f"Google's client knows no region {self.region!r} of Vertex AI. Set service.vertex.region to one such "
                "as europe-west4"
            ) from None

    @cached_property
    def pipelines(self) -> PipelineServiceClient:
        """The client for runs. Raises VertexNotSetUp if there are no credentials."""
        from google.api_core.client_options import ClientOptions
        from google.cloud.aiplatform_v1 import PipelineServiceClient

        self.check_region()
        options = ClientOptions(api_endpoint=self.endpoint)
        return PipelineServiceClient(credentials=self._default[0], client_options=options)

    @cached_property
    def schedules(self) -> ScheduleServiceClient:
        """The client for schedules. Raises VertexNotSetUp if there are no credentials."""
        from google.api_core.client_options import ClientOptions
        from google.cloud.aiplatform_v1 import ScheduleServiceClient

        self.check_region()
        options = ClientOptions(api_endpoint=self.endpoint)
        return ScheduleServiceClient(credentials=self._default[0], client_options=options)

    @cached_property
    def _default(self) -> tuple[Credentials, str | None]:
        import google.auth
        from google.auth.exceptions import GoogleAuthError

        try:
            credentials, project = google.auth.default(scopes=[_SCOPE])
        except (GoogleAuthError, OSError, ValueError) as error:
            reason = str(error).split(". ")[0].split("\n")[0]
            raise VertexNotSetUp(
                f"no Google credentials: {reason}. Run `gcloud auth application-default login`, or set "
                "GOOGLE_APPLICATION_CREDENTIALS to the file of a service account"
            ) from None
        return credentials, project

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turns the client's errors into errors of one line. Raises ServiceUnavailable and ServiceRefused."""
        from google.api_core import exceptions
        from google.auth.exceptions import GoogleAuthError

        later = (
            exceptions.ServiceUnavailable,
            exceptions.DeadlineExceeded,
            exceptions.TooManyRequests,
            exceptions.Aborted,
            exceptions.InternalServerError,
        )
        try:
            yield
        except GoogleAuthError as error:
            raise ServiceRefused(
                f"the Google credentials do not work: {_first_line(error)}"
            ) from None
        except exceptions.GoogleAPICallError as error:
            message = _first_line(error.message)
            if _NO_TOKEN in message:
                raise ServiceRefused(f"the Google credentials do not work: {message}") from None
            kind = type(error).__name__
            refusal = NotThere if isinstance(error, exceptions.NotFound) else ServiceRefused
            text = f"Vertex AI at {self.endpoint}: {message or 'no answer'} ({kind})"
            raise (ServiceUnavailable if isinstance(error, later) else refusal)(text) from None
        except concurrent.futures.TimeoutError:  # of an operation
            raise ServiceUnavailable(
                f"Vertex AI at {self.endpoint}: not finished after {self.timeout:g} s"
            ) from None


def _variable(names: tuple[str, ...]) -> str | None:
    return next((os.environ[name] for name in names if os.environ.get(name)), None)


def _first_line(error: object) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "")
