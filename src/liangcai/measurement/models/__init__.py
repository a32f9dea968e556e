"""Response models: how likely each score on an item is at an ability, and how that changes."""
