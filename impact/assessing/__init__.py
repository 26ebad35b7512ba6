"""Assessing a change: what it does as planned, if a step fails or all of it, and what that is called."""
