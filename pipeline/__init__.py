"""The pipeline: configuration, `create_pipeline`, one runner file per engine, lineage, and the command line."""
