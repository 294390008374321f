"""The tables of the store, as the migrations that made them.

Lives here: SQL that defines. A migration that was published is never changed; a new one is added
at the end. Times are whole microseconds since 1970. Values that are read whole are JSON.
"""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE comment (
        source TEXT NOT NULL,
        channel TEXT NOT NULL,
        id TEXT NOT NULL,
        author TEXT NOT NULL,
        created_at INTEGER,
        body TEXT NOT NULL,
        PRIMARY KEY (source, channel, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX comment_by_author ON comment (source, author);

    CREATE TABLE verdict (
        id TEXT PRIMARY KEY,
        source TEXT NOT NULL,
        channel TEXT NOT NULL,
        comment TEXT NOT NULL,
        action INTEGER NOT NULL,
        decided_at INTEGER,
        body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX verdict_by_comment ON verdict (source, channel, comment);

    CREATE TABLE hit (
        verdict TEXT NOT NULL REFERENCES verdict (id) ON DELETE CASCADE,
        rule TEXT NOT NULL,
        status TEXT NOT NULL,
        PRIMARY KEY (verdict, rule)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX hit_by_rule ON hit (rule);

    CREATE TABLE filed (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        source TEXT NOT NULL,
        channel TEXT NOT NULL,
        comment TEXT NOT NULL,
        author TEXT NOT NULL,
        action INTEGER NOT NULL,
        opened_at INTEGER NOT NULL,
        waiting INTEGER NOT NULL,
        decision TEXT,
        decided_at INTEGER,
        body TEXT NOT NULL,
        UNIQUE (source, channel, comment)
    ) STRICT;
    CREATE INDEX filed_waiting ON filed (action DESC, opened_at) WHERE waiting;
    CREATE INDEX filed_by_author ON filed (source, author);

    CREATE TABLE charge (
        number INTEGER NOT NULL REFERENCES filed (number) ON DELETE CASCADE,
        rule TEXT NOT NULL,
        PRIMARY KEY (number, rule)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX charge_by_rule ON charge (rule);

    CREATE TABLE delivery (
        key TEXT PRIMARY KEY,
        sink TEXT NOT NULL,
        payload TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'due',
        attempts INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        error TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE INDEX delivery_due ON delivery (sink, due_at) WHERE state = 'due';

    CREATE TABLE placement (
        sink TEXT NOT NULL,
        number INTEGER NOT NULL,
        place TEXT NOT NULL,
        revision INTEGER NOT NULL,
        PRIMARY KEY (sink, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE position (
        source TEXT NOT NULL,
        channel TEXT NOT NULL,
        id INTEGER NOT NULL,
        PRIMARY KEY (source, channel)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE quota (
        rule TEXT NOT NULL,
        day TEXT NOT NULL,
        key TEXT NOT NULL,
        PRIMARY KEY (rule, day, key)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE history (
        series INTEGER NOT NULL,
        at INTEGER NOT NULL,
        comment INTEGER NOT NULL,
        PRIMARY KEY (series, at, comment)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX history_by_comment ON history (comment);
    """,
    """
    CREATE TABLE api_key (
        prefix TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        digest TEXT NOT NULL,
        scopes TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        revoked_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX api_key_in_use ON api_key (name) WHERE revoked_at IS NULL;

    CREATE TABLE answer (
        caller TEXT NOT NULL,
        name TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        ids TEXT NOT NULL,
        status INTEGER NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (caller, name)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX answer_by_time ON answer (at);

    CREATE TABLE arrival (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        source TEXT NOT NULL,
        author TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX arrival_by_author ON arrival (source, author);

    CREATE INDEX verdict_by_action ON verdict (action);
    CREATE INDEX verdict_by_channel ON verdict (channel);
    CREATE INDEX verdict_by_comment_id ON verdict (comment);
    """,
    """
    CREATE TABLE pause (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        body TEXT NOT NULL
    ) STRICT;
    """,
    """
    CREATE INDEX comment_by_time ON comment (created_at);
    CREATE INDEX verdict_by_time ON verdict (decided_at);
    """,
    """
    CREATE TABLE spent (
        rule TEXT PRIMARY KEY,
        day TEXT NOT NULL,
        digest TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE TABLE forgotten (
        author INTEGER PRIMARY KEY,
        at INTEGER NOT NULL
    ) STRICT;
    """,
)
