"""Every change of people, organisation and rights."""
