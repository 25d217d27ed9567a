"""Items before the Joint Commissioning Board: steps, verbs and forms."""
