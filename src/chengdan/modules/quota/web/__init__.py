"""Pages of the quota room."""
