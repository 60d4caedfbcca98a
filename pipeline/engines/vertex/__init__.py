"""Runs and schedules on Vertex AI, through google-cloud-aiplatform."""
