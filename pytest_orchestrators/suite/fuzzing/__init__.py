"""Generated histories: how they are drawn, carried out and judged."""
