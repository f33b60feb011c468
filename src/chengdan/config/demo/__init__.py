"""The demo company: a made-up food manufacturer with its people, customers and 18 months of work.

`load` fills an empty database through the rooms' own services and bulk services; the same seed
and the same moment give the same company.
"""

from chengdan.config.demo.loading import load

__all__ = ["load"]
