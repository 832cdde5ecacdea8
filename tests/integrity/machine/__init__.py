"""The state machine test: random histories through the doors of the real app, beside a model in plain dicts.

town.py makes the people and puts the database back; doors.py knocks; facts.py reads what came of it and looks for what
must never be; model.py says what each action may and may not do; actions.py says how each is asked for; rules.py lets
hypothesis draw.
"""
