"""Loops that have to be fast, compiled to machine code on their first call.

Only callers inside functions import these modules: the web process never bundles and never loads the
compiler. All take plain arrays and named tuples of them, and neither read nor write anything else.
"""
