"""Models: what both answer to the same items, for every kind of release, and who grades it."""
