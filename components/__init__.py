"""The pipeline's own TFX components, a folder each, and their artifact types."""
