"""What the room plugs into the kernel."""
