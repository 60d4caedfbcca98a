"""Networks, one file per architecture: `mocogan` (the paper's), `extended` (this project's), `seed` (the simplest)."""
