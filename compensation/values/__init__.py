"""What amounts, counts, ratios, dates, booleans, choices and ids look like: read and printed here.

Each kind of value has one grammar, which a scalar function defines: `numbers`, `dates`, `choices`,
`texts`. Columns (`number_columns`, `date_columns`) take what nearly all cells look like in long
strides, and ask the scalar function for the rest. Whoever reads a value names what it may look
like; the table is in `numbers`. `printing` has a printer for each kind of value and audience.
"""
