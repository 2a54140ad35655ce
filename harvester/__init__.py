"""Harvest, understand, search and cite the social-science literature of the Benelux."""

__version__ = "0.2.0"
