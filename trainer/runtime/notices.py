"""Messages to the user about a training, on the terminal and in the log."""

from __future__ import annotations

import logging
import sys

from tqdm import tqdm

from mocogan.data.verbosity import is_quiet


def notify(text: str) -> None:
    """Logs a line, and prints it on standard error, above the progress bar if there is one, unless quiet."""
    if not is_quiet():
        tqdm.write(f"  MoCoGanTrainer: {text}", file=sys.stderr)
    logging.getLogger(__name__).info(text)
