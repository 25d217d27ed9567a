"""Web pages: a consultee answers, an officer looks."""
