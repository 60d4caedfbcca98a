"""The work of `mocogan export`: a model in the formats of other runtimes."""
