"""Messages to the user about a training, on the terminal and in the log."""

from __future__ import annotations

import logging
import sys

from tqdm import tqdm


def notify(text: str) -> None:
    """Prints a line on standard error, above the progress bar if there is one, and logs it."""
    tqdm.write(f"  MoCoGanTrainer: {text}", file=sys.stderr)
    logging.getLogger(__name__).info(text)
