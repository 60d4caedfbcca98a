"""The interfaces of TensorFlow Serving: REST and gRPC."""
