"""What a grant's procedure does, and what an officer does to a grant."""
