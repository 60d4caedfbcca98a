"""Anomalies of a data set, as readable text."""

from __future__ import annotations

from collections.abc import Mapping

from tensorflow_metadata.proto.v0 import anomalies_pb2


class DataAnomalies(ValueError):
    """The examples do not fit the schema."""


def raise_on_anomalies(anomalies_by_split: Mapping[str, anomalies_pb2.Anomalies]) -> None:
    """Raises DataAnomalies when a split has anomalies. The message names split, feature and fault."""
    findings = [
        f"{split} split, {finding}"
        for split, anomalies in sorted(anomalies_by_split.items())
        for finding in describe(anomalies)
    ]
    if findings:
        raise DataAnomalies(
            "the examples do not fit the schema: "
            + "; ".join(findings)
            + ". Fix the data or the code that wrote it. The schema is in components/schema/schema.pbtxt"
        )


def describe(anomalies: anomalies_pb2.Anomalies) -> list[str]:
    """One line per anomaly: first the whole data set, then the features in alphabetical order."""
    findings = []
    if anomalies.HasField("dataset_anomaly_info"):
        findings.append(f"data set: {_reasons(anomalies.dataset_anomaly_info)}")
    for feature, info in sorted(anomalies.anomaly_info.items()):
        findings.append(f"feature {feature!r}: {_reasons(info)}")
    return findings


def _reasons(info: anomalies_pb2.AnomalyInfo) -> str:
    reasons = [reason.description or reason.short_description for reason in info.reason]
    return " ".join(reasons) or info.description or info.short_description
