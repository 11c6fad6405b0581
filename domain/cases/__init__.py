"""What is true: the state of every kind of case and the facts that change it. What may be done stands in `acts`."""
