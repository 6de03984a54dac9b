"""Evidence: the tables of a release, read, checked and summed."""
