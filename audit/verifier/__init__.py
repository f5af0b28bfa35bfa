"""The program that a stranger checks the ledger with. It stands alone: the product only hands it out."""
