"""What the room plugs in while the applications start."""
