"""The ledger: what was promised, seen, said and done, in a chain that shows every tampering."""
