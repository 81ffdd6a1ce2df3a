"""From checked ledgers to a decided run: inputs of the rules, cases, what a run says of them."""
