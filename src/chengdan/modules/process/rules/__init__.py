"""Decisions of the engine on plain values: conditions, definitions, content differences."""
