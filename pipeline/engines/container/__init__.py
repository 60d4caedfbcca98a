"""What the containers of Kubeflow and Vertex AI run. The specification names these modules."""
