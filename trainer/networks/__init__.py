"""Networks, one file per architecture: `moving_parts` (the default), `palette`, `mocogan` (the paper's) and `seed`."""
