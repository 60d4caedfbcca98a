"""The key file of a service account of Google Cloud."""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa

from tests.support.certificates import private_pem


def write_service_account(path: Path, token_uri: str = "https://localhost:1/token") -> str:
    """Writes the key file of an account. Returns the secret in it.

    Args:
        path: File to write.
        token_uri: Server that clients ask for a token, unless they sign one themselves.
    """
    secret = private_pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)).decode()
    content = {
        "type": "service_account",
        "project_id": "some-project",
        "private_key_id": "1",
        "private_key": secret,
        "client_email": "robot@some-project.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": token_uri,
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return secret
