"""One case at a time: an institution, a claim, or a claim's recoveries, without ledgers.

A case is a table with one row: its figures are brought into the columns that `compensation.rules`
look at, and everything else, rules and explanations, is the code that computes portfolios.
"""
