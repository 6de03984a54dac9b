"""The promise: read, lint, plan, seal, compare."""
