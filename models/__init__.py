"""What the papers talk about: periods, calendars, cases, councils, the record and its store."""
