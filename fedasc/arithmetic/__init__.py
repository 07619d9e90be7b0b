"""Arithmetic with an order of its own: sums that are the same to the last bit on every machine.

What libraries make of a product of matrices depends on the processor, and a row's bits on its place
in the block. What is computed here doesn't: every element's sum runs in an order that its
docstring states, whatever stands beside it.
"""
