"""Does a person's pattern of scores look like the others', or like the model's: person fit."""
