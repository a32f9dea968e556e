"""How far raters agree: κ, weighted κ, α, AC1 and AC2, intraclass correlation, human against machine."""
