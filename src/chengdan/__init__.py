"""Chengdan (成单): runs a company's sales process and proves that it ran as it should."""

__version__ = "0.1.0"
