"""Wrong orchestrators that no scenario shows: they need a size, a shape, a name, a value or a history."""
