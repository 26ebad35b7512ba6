"""What others know: one module or folder per kind of file. Loaders read and never write."""
