"""The loops that do I/O: one HTTP client for each source, and one loop for each kind of feed."""
