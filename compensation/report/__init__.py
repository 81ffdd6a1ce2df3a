"""What goes out as a workbook: results, the review sheet, and the empty template."""

from compensation.report.sheet import TooManyRows
from compensation.report.template import write_template
from compensation.report.workbook import write_workbook

__all__ = ["TooManyRows", "write_template", "write_workbook"]
