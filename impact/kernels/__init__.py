"""Kernels: the few loops that run over very many rows, each one source for Python and for machine code.

They take and fill arrays of numbers and know nothing of items. Small work is done by Python as it stands;
what is larger is compiled when it is first needed.
"""
