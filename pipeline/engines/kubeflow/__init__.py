"""Runs and schedules on Kubeflow Pipelines, through kfp's client."""
