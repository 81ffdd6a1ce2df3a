"""What a ledger is: its tables, columns, choices, units and the words for them."""
