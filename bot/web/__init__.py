"""HTTP in and out: intake, verdicts, compatible endpoints, webhooks, health, pages.

Translates only: what a comment is worth is decided by the core, behind `WebServices`.
"""
