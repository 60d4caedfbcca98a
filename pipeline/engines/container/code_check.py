"""Compares the code in a container with the code that the pipeline was compiled with."""

from __future__ import annotations

from mocogan.components.code_fingerprint import code_fingerprint

CODE_FLAG = "compiled_code"  # FINGERPRINT:MODULE,MODULE


class OtherCode(RuntimeError):
    """The image has other code than the pipeline was compiled with. The message is one line."""


def check_code(compiled: str) -> None:
    """Compares the code here with the value of the flag.

    The cache key of a task has the fingerprint of the compiling machine. With other code in the image, the cache would
    give results of code that did not run.

    Args:
        compiled: Fingerprint and the names of its modules, such as `0123456789abcdef:mocogan.trainer.entry_point`.

    Raises:
        OtherCode: The code differs, or a module is missing.
    """
    expected, _, names = compiled.partition(":")
    try:
        found = code_fingerprint(*names.split(","))
    except ModuleNotFoundError as error:
        found = str(error)
    if found != expected:
        raise OtherCode(
            f"the image has other code than the pipeline was compiled with ({found}, not {expected}, of {names}). "
            "Build the image again and compile with its digest in service.image, or compile with the code of the image"
        )
