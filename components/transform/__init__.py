"""Transform's preprocessing function: raw examples -> normalised clips and class ids."""
