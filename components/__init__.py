"""The project's own TFX components, one folder each, and their artifact types."""
