"""Pictures and documents made from values: nothing here knows what the values mean."""
