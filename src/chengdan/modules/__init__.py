"""The business, one room per module; see docs/explanation/architecture.md."""
