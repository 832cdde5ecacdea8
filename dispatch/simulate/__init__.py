"""A city's weeks played with made-up people: which way of offering fills orders, how fast, at whose cost.

figures, city, world, truth   the made-up city; truth is what no policy may read
play                    the events, in a heap of our own: seeded, and quick enough for a week in half a second
policies, ours          ways of offering, side by side
measures, compare       what came of it, over many seeds
whatif                  an office's own weeks with something changed
"""
