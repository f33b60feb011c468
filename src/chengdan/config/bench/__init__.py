"""Measuring acts, lists, imports and the server against the same statements in plain SQL.

`run` works on a scratch database beside the one that DATABASE_URL names and drops it at the end;
nothing of an installation is touched.
"""

from chengdan.config.bench.running import run

__all__ = ["run"]
