"""Labs: the small experiments behind the lessons. Every number of a lesson comes out of its lab.

A lab is a module with one function, `lab(rng, **knobs)`, which draws something with known truth
and gives named numbers. It takes under two seconds, so that a reader can turn its knobs.
"""
