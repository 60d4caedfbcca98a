"""The preprocessing function of Transform: raw examples -> normalized clips and class ids."""
