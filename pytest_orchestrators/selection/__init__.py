"""Finding what is to be judged: flavors by name or source, their settings, their configuration."""
