"""The curated schema of a raw example."""

from pathlib import Path


def schema_path() -> str:
    """Absolute path of the schema, a text-format `tensorflow_metadata.proto.v0.Schema`."""
    return str(Path(__file__).with_name("schema.pbtxt").resolve())
