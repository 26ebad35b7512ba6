"""What others know: one module per kind of file. Loaders read and never write."""
