"""Transform's preprocessing function: raw examples -> normalized clips and class ids."""
