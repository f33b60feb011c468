"""What the room plugs into the kernel."""

from chengdan.modules.process import handlers, jobs

__all__ = ["handlers", "jobs"]
