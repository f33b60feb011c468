"""Reads that leave the room."""
