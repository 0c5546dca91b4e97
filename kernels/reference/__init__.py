"""numpy twin of every kernel."""
