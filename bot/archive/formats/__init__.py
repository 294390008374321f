"""The archive formats, one file each.

Lives here: for each format, how to know it and how to read it. To add one, write a file like
`plain` or `isso` and add its line to `bot.archive.table`. Not here: what all formats share.
"""
