"""What is wrong with a ledger: groups of faults, their order, and how they are said."""
