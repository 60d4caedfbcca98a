"""Metrics of shape motion clips, which show one moving shape on black (Tulyakov et al., CVPR 2018, section 4.1)."""
