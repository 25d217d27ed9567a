"""Steps and verbs: what a procedure does, and what an officer does to a case."""
