"""TFX's ExampleValidator, made to stop the pipeline when the data breaks the schema."""
