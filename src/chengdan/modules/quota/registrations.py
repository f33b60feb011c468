"""What the room plugs in while the applications start."""

from chengdan.modules.quota import verification

__all__ = ["verification"]
