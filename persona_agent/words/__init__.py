"""Numbers, names and sentences, and whether a sentence says more than its claims. What is English stands in `english`."""
