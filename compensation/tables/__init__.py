"""What stands in a table, whatever file it came from: headings, units, rows, cells."""
