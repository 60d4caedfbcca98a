from __future__ import annotations

import pytest
from tfx.dsl.components.common.importer import Importer
from tfx.types import standard_artifacts

from mocogan.components.code_fingerprint import code_fingerprint
from mocogan.components.infra_validator.component import InfraValidator
from mocogan.components.infra_validator.config import InfraValidatorConfig

MODEL = Importer(source_uri="/in/model", artifact_type=standard_artifacts.Model)


def test_contract() -> None:
    node = InfraValidator(model=MODEL.outputs["result"], custom_config={"max_seconds": 5})
    assert node.id == "InfraValidator"
    assert {key: channel.type for key, channel in node.outputs.items()} == {
        "blessing": standard_artifacts.InfraBlessing
    }
    assert InfraValidatorConfig.model_validate_json(node.exec_properties["config"]) == (
        InfraValidatorConfig(max_seconds=5)
    )
    package = "mocogan.components.infra_validator"
    assert node.exec_properties["code_fingerprint"] == code_fingerprint(
        f"{package}.executor", f"{package}.model_process"
    )


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"max_seconds": 0}, "custom_config.max_seconds=0 must be greater than 0"),
        ({"max_memory": 5}, "'custom_config.max_memory'; did you mean custom_config.max_memory_mb"),
    ],
)
def test_wrong_options_fail_when_the_pipeline_is_built(
    config: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        InfraValidator(model=MODEL.outputs["result"], custom_config=config)
