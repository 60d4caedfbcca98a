"""Reading ML Metadata."""
