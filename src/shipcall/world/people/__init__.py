"""People: who they are, how often they come, and what holds in each cell of their traits."""
