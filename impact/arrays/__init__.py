"""Containers of numbers that versions of one thing share: the next one copies little and adds the rest."""
