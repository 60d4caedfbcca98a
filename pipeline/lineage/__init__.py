"""Where an artifact came from and what came from it: the graph, its formats, and why nodes ran."""
