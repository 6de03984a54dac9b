"""Preparation: questions, lessons, loops and a plan for somebody with an interview ahead."""
