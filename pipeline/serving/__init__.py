"""The work of `mocogan serve`: TensorFlow Serving's REST and gRPC, and a page, for one model."""
