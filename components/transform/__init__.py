"""The preprocessing function of Transform: raw examples -> normalized clips, class ids and ids of words."""
