"""Does the test treat groups alike: differential item functioning, impact, differential test functioning."""
