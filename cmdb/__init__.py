"""What exists: items, relations, the vocabulary that names them, and the revisioned stores that keep them."""
