"""Results read back: what they say, whether they come out again, how two of them differ."""
