"""What speed and memory are measured with. No part of what is installed."""
