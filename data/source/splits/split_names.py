"""Names of splits in the files and folders of data sets."""

from __future__ import annotations

from mocogan.data.records.keys import EVAL, TRAIN

TEST = "test"  # never trained on; it is the eval split of data sets that have no other
_NAMES = {
    "train": TRAIN,
    "training": TRAIN,
    "eval": EVAL,
    "evaluation": EVAL,
    "val": EVAL,
    "valid": EVAL,
    "validate": EVAL,
    "validation": EVAL,
    "dev": EVAL,
    "test": TEST,
    "testing": TEST,
}
ALLOWED = "Use train, eval (also val or validation) or test"


def split_named(name: str) -> str | None:
    """Returns TRAIN, EVAL or TEST for a name of a split in any case, else None."""
    return _NAMES.get(name.strip().lower())
