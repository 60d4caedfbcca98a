from __future__ import annotations

from ml_metadata.proto import metadata_store_pb2 as pb
from ml_metadata.proto import metadata_store_service_pb2 as service

from mocogan.pipeline.metadata.servers.backslashes import (
    restore_backslashes,
    with_backslashes,
    without_backslashes,
)

TEXT = '{"path": "C:\\\\clips\\"1\\""}'


def request() -> service.PutArtifactsRequest:
    artifact = pb.Artifact(uri="/a\\b", name="plain")
    artifact.custom_properties["config"].string_value = TEXT
    artifact.custom_properties["table"].struct_value["rows"] = [TEXT]
    return service.PutArtifactsRequest(artifacts=[artifact])


def test_no_backslash_is_left_and_all_come_back():
    sent = without_backslashes(request())
    assert b"\\" not in sent.SerializeToString()
    assert sent.artifacts[0].name == "plain"
    restore_backslashes(sent)
    assert sent == request()


def test_texts_in_lists_are_replaced():
    uris = service.GetArtifactsByURIRequest(uris=["a\\b", "c"])
    sent = without_backslashes(uris)
    assert list(map(with_backslashes, sent.uris)) == ["a\\b", "c"]
    assert "\\" not in sent.uris[0]


def test_the_message_of_the_caller_stays():
    sent = request()
    without_backslashes(sent)
    assert sent == request()


def test_a_message_without_backslashes_is_not_copied():
    sent = service.GetArtifactsByURIRequest(uris=["a"])
    assert without_backslashes(sent) is sent
