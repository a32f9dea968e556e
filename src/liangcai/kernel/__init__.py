"""What every other package stands on: text in two languages, findings, errors, hashes, safe readers."""
