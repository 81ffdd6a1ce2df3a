"""What another policy would cost, and for whom: policies varied, compared, and solved for a target.

Nothing is computed here a second time: every figure is that of `assess` with the variant's file.
"""
