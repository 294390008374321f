"""Gavel: a self-hosted bot that screens comments for toxicity and abuse."""

__version__ = "0.1.0"
