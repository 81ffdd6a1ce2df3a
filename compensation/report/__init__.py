"""What goes out: result tables, the workbook, the review sheet, the empty template."""
