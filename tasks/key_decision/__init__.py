"""Key decisions, and other decisions of members and officers, as cases of their own."""
