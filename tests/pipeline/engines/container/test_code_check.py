"""The code of the image is compared with the code that the pipeline was compiled with."""

from __future__ import annotations

import pytest

from mocogan.components.code_fingerprint import code_fingerprint
from mocogan.pipeline.engines.container.code_check import OtherCode, check_code

MODULES = ("mocogan.data.address", "mocogan.data.pixels")


def test_the_same_code_passes() -> None:
    check_code(f"{code_fingerprint(*MODULES)}:{','.join(MODULES)}")


@pytest.mark.parametrize("modules", [",".join(MODULES), "mocogan.data.no_such_module"])
def test_other_code_is_an_error(modules: str) -> None:
    with pytest.raises(OtherCode, match="the image has other code than the pipeline was compiled"):
        check_code(f"{'0' * 16}:{modules}")
