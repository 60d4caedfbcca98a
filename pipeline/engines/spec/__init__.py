"""Edits of the pipeline specification (version 2.1) of TFX. Each module adds one thing that TFX leaves out."""
