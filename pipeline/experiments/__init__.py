"""Quality experiments: they run the pipeline and measure the exported model."""
