"""Cut scores from judgement, with their standard errors: from a panel, or from groups of persons."""
