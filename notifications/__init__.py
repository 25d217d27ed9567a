"""Letters: what they say, how they are sent, what became of them."""
