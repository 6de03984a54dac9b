"""Practice: cases with a known truth, played with the files and verdicts of work."""
