"""Arrays in, estimates out: scales, responses, posteriors, classification.

Nothing here knows a standard, an item text or a person's name. Abilities are logits on a scale
with mean 0 and standard deviation 1 in the reference group; scores are 0 to 100.
"""
