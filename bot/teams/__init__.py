"""Microsoft Teams: one of the doors to the desk."""
