"""Abilities from shares of possible scores that count as so many trials, unit by unit: what grading rests on."""
