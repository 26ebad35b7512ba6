"""What follows: how harm spreads through the graph, why, and how sure that is."""
