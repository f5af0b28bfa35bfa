"""Loading the starter pack: adds what is missing, never overwrites what people have edited, says what it did."""
