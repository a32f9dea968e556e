"""Django's own administration pages, for operators only."""
