"""How many abilities a test measures: polychoric correlations, eigenvalues, parallel analysis, MAP."""
