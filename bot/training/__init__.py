"""Makes, evaluates and exports the embedded model.

Here live the data recipe, the augmentation, the vocabulary, the training loop, the calibration,
the export and the evaluation. Nothing here runs when comments are screened: that is `bot.scoring`.

    python -m bot.training --data ../shared/data --base BASE --out bot/scoring/compact
    gavel model eval compact ../shared/data/dev/jigsaw_slice.jsonl.gz
"""
