"""The connection to Kubeflow Pipelines: kfp's client with its own ways to find credentials, and errors in one line."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mocogan.pipeline.config.services import KubeflowConfig
from mocogan.pipeline.engines.patience import NotThere, ServiceRefused, ServiceUnavailable
from mocogan.pipeline.errors import ExpectedError

if TYPE_CHECKING:
    from kfp import Client

_HOST_VARIABLE = "KF_PIPELINES_ENDPOINT"  # of kfp
_LOGIN_VARIABLE = "KF_PIPELINES_IAP_OAUTH2_CLIENT_ID"  # of kfp: it can log in by itself
_HEALTH = "/apis/v2beta1/healthz"
_LATER = (429, 502, 503, 504)  # HTTP status
_NO_LOGIN = (401, 403)
_NOT_THERE = 404
_LONGEST_MESSAGE = 300  # characters
# As urllib3 1.26 and 2.8 name their connections.
_OBJECT = re.compile(r"(?:<[\w.]+ object at 0x[0-9a-f]+>|HTTPS?Connection\([^)]*\)):? *")


class KubeflowNotSetUp(ExpectedError):
    """The address is missing or is not that of Kubeflow Pipelines."""


class KubeflowConnection:
    """The client of one cluster. Nothing is sent before the first request."""

    def __init__(self, settings: KubeflowConfig, timeout: float) -> None:
        self.settings = settings
        self.timeout = timeout  # seconds, of each request and of all its tries
        host = settings.host or os.environ.get(_HOST_VARIABLE)
        self.host = host.rstrip("/") if host else None

    @cached_property
    def client(self) -> Client:
        """kfp's client.

        Raises:
            KubeflowNotSetUp: there is no address, or another program answers there.
            ServiceUnavailable: nothing answers.
        """
        import kfp

        if self.host:
            self._check_address(self.host)
        elif not _cluster_is_known():
            raise KubeflowNotSetUp(
                "no Kubeflow cluster. Set service.kubeflow.host, for example "
                "--set service.kubeflow.host=http://localhost:8080, or a kubeconfig"
            )
        with self.errors():
            client = kfp.Client(
                host=self.host,
                # Any other name is taken as it is. For this one, kfp asks the cluster.
                namespace=self.settings.namespace or "kubeflow",
                ssl_ca_cert=self.settings.ca_cert,
            )
        _limit_time(client, self.timeout)
        return client

    def experiment(self, pipeline: str) -> str:
        """Id of the experiment of the runs. It is made if there is none."""
        name = self.settings.experiment or pipeline
        with self.errors():
            made = self.client.create_experiment(name, namespace=self.settings.namespace)
        return str(made.experiment_id)

    def page_of(self, run_id: str) -> str:
        """Address of a run in the user interface."""
        path = f"/#/runs/details/{run_id}"
        return self.host + path if self.host else f"{path} in Kubeflow's user interface"

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turns the client's errors into errors of one line, and drops what it prints.

        Raises ServiceUnavailable and ServiceRefused.
        """
        import urllib3
        from kfp_server_api import ApiException

        where = f"Kubeflow at {self.host}" if self.host else "Kubeflow"
        try:
            with _quiet():
                yield
        except ApiException as error:
            text = f"{where}: {_reason(error)} (HTTP {error.status})"
            if error.status == _NOT_THERE:
                raise NotThere(text) from None
            if error.status in _NO_LOGIN:
                raise ServiceRefused(f"{text}. Check the credentials of kfp's client") from None
            raise (ServiceUnavailable if error.status in _LATER else ServiceRefused)(text) from None
        except (urllib3.exceptions.HTTPError, TimeoutError) as error:
            raise ServiceUnavailable(f"{where} cannot be reached: {_short(error)}") from None

    def _check_address(self, host: str) -> None:
        """kfp tries for half a minute and prints tracebacks. One request before tells more."""
        import certifi
        import urllib3

        pool = urllib3.PoolManager(
            cert_reqs="CERT_REQUIRED", ca_certs=self.settings.ca_cert or certifi.where()
        )
        with self.errors():
            answer = pool.request(
                "GET",
                host + _HEALTH,
                timeout=self.timeout,
                retries=False,
                redirect=False,
            )
        if answer.status in (*_NO_LOGIN, *_LATER) or os.environ.get(_LOGIN_VARIABLE):
            return  # kfp's client has credentials, and it waits
        kind = answer.headers.get("Content-Type", "")
        if answer.status != 200 or "json" not in kind:
            raise KubeflowNotSetUp(
                f"{host} does not answer as Kubeflow Pipelines does (HTTP {answer.status}, {kind or 'no content'}). "
                "The address may need a login, or end in /pipeline"
            )


def _cluster_is_known() -> bool:
    """Whether kfp's client can find a cluster: this is a pod, or there is a kubeconfig."""
    files = os.environ.get("KUBECONFIG") or "~/.kube/config"
    in_pod = "KUBERNETES_SERVICE_HOST" in os.environ
    return in_pod or any(
        os.path.exists(os.path.expanduser(file)) for file in files.split(os.pathsep)
    )


def _limit_time(client: Client, seconds: float) -> None:
    """Gives every request a time limit. Without one, kfp's client waits for ever."""
    rest = client._run_api.api_client.rest_client
    send = rest.request

    def request(*arguments: Any, **options: Any) -> Any:
        return send(*arguments, **{**options, "_request_timeout": (seconds, seconds)})

    rest.request = request


@contextmanager
def _quiet() -> Iterator[None]:
    """Drops what kfp prints, its warnings and its tracebacks."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


def _reason(error: Any) -> str:
    """What the server says in an error: the message of its JSON, or its HTTP reason."""
    try:
        answer = json.loads(error.body)
        message = answer.get("message") or answer.get("error_message") or answer.get("error")
    except (TypeError, ValueError, AttributeError):
        message = None
    return _short(message or error.reason or "no answer")


def _short(error: object) -> str:
    """One line, without the objects of the client that it names."""
    return " ".join(_OBJECT.sub("", str(error)).split())[:_LONGEST_MESSAGE]
