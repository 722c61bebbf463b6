"""What an initiative costs, and how much of what it holds it uses."""
