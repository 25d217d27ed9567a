"""The Better Care plan: its forms, its verbs, and what it does by itself."""
