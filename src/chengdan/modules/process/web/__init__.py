"""Pages of the engine: inbox, library, runs, problem records."""
