"""派单: snapshot() → dispatch.solve() → apply(); runs, timers, replay. The only caller of the engine."""
