"""What an initiative moved and what that is worth."""
