"""What follows from the ledger under a policy: each rule once, on integer columns."""
