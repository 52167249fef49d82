"""What python-calamine does not tell of a workbook: number formats, cells without a value, what is hidden or merged.

All of it runs in the process of `spreadsheet_child`. One module for each kind of workbook, and none imports what
lies outside of this folder.
"""
