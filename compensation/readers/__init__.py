"""From files and frames to tables: workbooks, CSV, Parquet, folders."""
