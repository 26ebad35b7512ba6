"""What answers look like: models for the description of the API alone.

No answer passes through them, which would be slow; the tests hold every answer against the description.
"""
