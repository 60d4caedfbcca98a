"""The networks, one file per architecture: `mocogan` the paper's, `extended` the project's own, `seed` the simplest."""
