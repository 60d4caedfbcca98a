"""TFX's ExampleValidator, extended to stop the pipeline when the data does not fit the schema."""
