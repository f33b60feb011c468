"""The page a person opens first: it reads every room, so it stands above all of them."""
