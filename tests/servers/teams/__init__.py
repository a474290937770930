"""A strict local Microsoft Teams: it signs what it delivers, and refuses what the published rules refuse."""

from tests.servers.teams.server import Teams

__all__ = ["Teams"]
