"""Studies: estimates without a bar, for people who weigh options. They move no call."""
