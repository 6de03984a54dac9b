"""Where world and judge meet: what is promised is measured where the truth is known."""
