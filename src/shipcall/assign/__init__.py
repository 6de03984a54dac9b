"""Assignment: which unit gets which model, as a pure function of its name."""
