"""Running the pipeline on Vertex AI and Kubeflow."""
