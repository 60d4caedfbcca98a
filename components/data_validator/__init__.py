"""TFX's ExampleValidator, which stops the pipeline when the data does not fit the schema."""
