"""Following: what changed in the graph becomes the next picture, or all of a graph the first one."""

from impact.following.news import follow, take, take_scan

__all__ = ["follow", "take", "take_scan"]
