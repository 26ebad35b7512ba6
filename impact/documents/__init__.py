"""Answers as plain data: what scripts read and pages show, the same bytes for the same question."""
