"""Practice on paper: pictures of panels, debriefs and trackers, from their plain views."""
