"""Exporting: streams of CSV and XLSX, on record, with the rows of the screen and no formulas."""
