"""What the evaluation sees and whom it blesses: tables of damages, of the gate, of equal models, and of its power."""
