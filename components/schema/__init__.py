"""The curated schema of a raw example."""

import hashlib
from pathlib import Path

FINGERPRINT_KEY = "schema_fingerprint"  # name of the parameter with the hash of the schema


def schema_path() -> str:
    """Absolute path of the schema, a text-format `tensorflow_metadata.proto.v0.Schema`."""
    return str(Path(__file__).with_name("schema.pbtxt").resolve())


def schema_fingerprint() -> str:
    """Hash of the schema as 16 hex digits. TFX's cache key covers only a file's name."""
    return hashlib.sha256(Path(schema_path()).read_bytes()).hexdigest()[:16]
