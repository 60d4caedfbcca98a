"""The served model: its versions, and the queue of its calls."""
