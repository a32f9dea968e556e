"""Classical test theory: item statistics, distractors, reliability, errors of measurement."""
