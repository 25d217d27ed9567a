"""The procedures, one paper per file: read these first."""
