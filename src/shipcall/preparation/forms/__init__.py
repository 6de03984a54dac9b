"""Forms: answers with a fixed shape, held against what can be computed or pointed at."""
