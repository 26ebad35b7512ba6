"""What stands beside the project's own figures."""
