"""Edits of the pipeline specification (version 2.1) that TFX compiles. Each module adds one thing that TFX leaves out."""
