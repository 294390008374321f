"""Discord: messages in, review cards out, buttons and commands.

Lives here: translation only, nothing is decided. Not here: rules, verdicts and what a decision
changes (`bot.review`).
"""
