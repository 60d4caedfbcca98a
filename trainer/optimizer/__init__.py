"""How weights follow gradients."""
