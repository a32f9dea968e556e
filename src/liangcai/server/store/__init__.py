"""The only app with tables. What must always be true of a row is a constraint here."""
