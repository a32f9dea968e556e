"""How sure a classification by cut scores is: accuracy, consistency, wrong passes, wrong failures."""
