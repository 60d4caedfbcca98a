"""The wiring: configuration, `create_pipeline`, one runner file per engine, lineage, the command line."""
