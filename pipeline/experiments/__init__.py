"""Quality runs: they train as the pipeline does and measure the exported model."""
