"""Decisions of a council's executive: steps and verbs for any procedure that brings one about."""
