"""Turning files that strangers send into rows, inside a process that may be killed."""
