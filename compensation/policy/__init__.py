"""What the policies say: data files, their model, and the checks that they pass."""

GENERAL_POLICY = "jiyuan-2022"
"""Its columns, and how it shares recoveries, are those of the contract, sections 2 and 5.

It stands where no policy need be named because none decides anything: an empty template, the
recoveries of one claim. Whatever is assessed names its policy.
"""
