"""What histories say about people and rights."""
