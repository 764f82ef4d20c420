"""Pages of the episodes app."""
