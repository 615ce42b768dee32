-- Times are milliseconds since the Unix epoch (0 for "at once"), ids are UUIDv7 in 16 bytes.
-- Kept next to migrations/postgres/0001_main_road.sql: same tables, same columns, tested.

CREATE TABLE people (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    qualite TEXT,
    address TEXT NOT NULL,
    phone TEXT,
    aidant BOOLEAN NOT NULL DEFAULT FALSE,
    instructeur BOOLEAN NOT NULL DEFAULT FALSE,
    responsable BOOLEAN NOT NULL DEFAULT FALSE,
    admin BOOLEAN NOT NULL DEFAULT FALSE,
    moderateur BOOLEAN NOT NULL DEFAULT FALSE,
    observateur BOOLEAN NOT NULL DEFAULT FALSE,
    shared BOOLEAN NOT NULL DEFAULT FALSE,
    disabled BOOLEAN NOT NULL DEFAULT FALSE,
    token_generation BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- The registered address and the further verified ones, in lower case.
CREATE TABLE people_addresses (
    address_key TEXT NOT NULL PRIMARY KEY,
    person BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    verified_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX people_addresses_person ON people_addresses (person);

CREATE TABLE groupes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    organisme TEXT NOT NULL,
    aidant_side BOOLEAN NOT NULL,
    territoires TEXT NOT NULL,
    bal TEXT,
    bal_key TEXT,
    level TEXT NOT NULL,
    token_generation BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);
CREATE INDEX groupes_bal ON groupes (bal_key) WHERE bal_key IS NOT NULL;

CREATE TABLE memberships (
    person BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    groupe BIGINT NOT NULL REFERENCES groupes (id) ON DELETE CASCADE,
    PRIMARY KEY (person, groupe)
) WITHOUT ROWID;
CREATE INDEX memberships_groupe ON memberships (groupe, person);

CREATE TABLE demandes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    sujet TEXT NOT NULL,
    description TEXT NOT NULL,
    infos TEXT NOT NULL,
    territoire TEXT NOT NULL,
    structure BIGINT REFERENCES groupes (id),
    structure_name TEXT,
    author BIGINT NOT NULL REFERENCES people (id),
    mandat TEXT,
    created_at BIGINT NOT NULL,
    wiped_at BIGINT,
    last_activity BIGINT NOT NULL,
    closed_at BIGINT,
    token_generation BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX demandes_open ON demandes (last_activity, number) WHERE closed_at IS NULL;
CREATE INDEX demandes_closed ON demandes (closed_at, number) WHERE closed_at IS NOT NULL;

CREATE TABLE demande_groupes (
    demande BIGINT NOT NULL REFERENCES demandes (number),
    groupe BIGINT NOT NULL REFERENCES groupes (id),
    rank BIGINT NOT NULL,
    PRIMARY KEY (demande, groupe)
) WITHOUT ROWID;
CREATE INDEX demande_groupes_groupe ON demande_groupes (groupe, demande);

CREATE TABLE participants (
    demande BIGINT NOT NULL REFERENCES demandes (number),
    person BIGINT NOT NULL REFERENCES people (id),
    side TEXT NOT NULL,
    role TEXT NOT NULL,
    joined_at BIGINT NOT NULL,
    left_at BIGINT,
    follows BOOLEAN NOT NULL,
    PRIMARY KEY (demande, person)
) WITHOUT ROWID;
CREATE INDEX participants_person ON participants (person, demande);

CREATE TABLE entries (
    demande BIGINT NOT NULL REFERENCES demandes (number),
    n BIGINT NOT NULL,
    kind TEXT NOT NULL,
    author_person BIGINT,
    author_group BIGINT,
    author_name TEXT NOT NULL,
    author_side TEXT,
    visibility TEXT NOT NULL,
    text TEXT NOT NULL,
    quoted TEXT NOT NULL,
    signature TEXT NOT NULL,
    channel TEXT NOT NULL,
    source BLOB,
    at BIGINT NOT NULL,
    pending_until BIGINT,
    withdrawn_at BIGINT,
    PRIMARY KEY (demande, n)
);

-- What a file holds, once for all the mails that carry the same bytes (a logo, a form).
CREATE TABLE contents (
    sha256 TEXT NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL
);

CREATE TABLE files (
    id BLOB NOT NULL PRIMARY KEY,
    demande BIGINT NOT NULL REFERENCES demandes (number),
    entry BIGINT,
    rank BIGINT NOT NULL DEFAULT 0,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL REFERENCES contents (sha256),
    created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX files_demande ON files (demande, entry);
CREATE INDEX files_sha256 ON files (sha256);

-- Images a sender's mails carried (key: fingerprint of both), to know a logo when it comes back.
CREATE TABLE logos (
    id BLOB NOT NULL PRIMARY KEY,
    first_source BLOB NOT NULL,
    last_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE inbox (
    id BLOB NOT NULL PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'new',
    envelope TEXT NOT NULL,
    size BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    seen BIGINT NOT NULL DEFAULT 1,
    not_before BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    lease_by TEXT,
    lease_until BIGINT NOT NULL DEFAULT 0,
    reason TEXT,
    demande BIGINT,
    entry BIGINT,
    person BIGINT,
    message_id TEXT,
    sender TEXT,
    trace TEXT NOT NULL DEFAULT 'null',
    sealed BOOLEAN NOT NULL DEFAULT FALSE,
    settled_at BIGINT
) WITHOUT ROWID;
CREATE INDEX inbox_new ON inbox (received_at, id) WHERE state = 'new';
CREATE INDEX inbox_held ON inbox (received_at, id) WHERE state = 'held';
CREATE INDEX inbox_dead ON inbox (received_at, id) WHERE state = 'dead';
CREATE INDEX inbox_demande ON inbox (demande) WHERE demande IS NOT NULL;
CREATE INDEX inbox_message_id ON inbox (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX inbox_sender ON inbox (sender) WHERE sender IS NOT NULL;

-- The raw bytes apart: settling a row must not rewrite them.
CREATE TABLE inbox_raw (
    id BLOB NOT NULL PRIMARY KEY REFERENCES inbox (id) ON DELETE CASCADE,
    bytes BLOB NOT NULL
);

-- What was posted once (key: fingerprint of sender, Message-ID and what was said).
CREATE TABLE postings (
    id BLOB NOT NULL PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE outbox (
    id BLOB NOT NULL PRIMARY KEY,
    demande BIGINT,
    cause BIGINT,
    source BLOB,
    what TEXT NOT NULL,
    notice TEXT NOT NULL,
    to_key TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    not_before BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    lease_by TEXT,
    lease_until BIGINT NOT NULL DEFAULT 0,
    message_id TEXT,
    created_at BIGINT NOT NULL,
    sent_at BIGINT,
    answer TEXT,
    path TEXT
) WITHOUT ROWID;
CREATE INDEX outbox_waiting ON outbox (not_before, id) WHERE state = 'waiting';
CREATE INDEX outbox_leased ON outbox (lease_until, id) WHERE state = 'leased';
CREATE INDEX outbox_dead ON outbox (created_at, id) WHERE state = 'dead';
CREATE INDEX outbox_demande ON outbox (demande) WHERE demande IS NOT NULL;
CREATE INDEX outbox_source ON outbox (source) WHERE source IS NOT NULL;
CREATE INDEX outbox_to ON outbox (to_key, id);
CREATE INDEX outbox_message_id ON outbox (message_id) WHERE message_id IS NOT NULL;

-- Explanations given to strangers (key: fingerprint of address and day), at most one a day.
CREATE TABLE explanations (
    id BLOB NOT NULL PRIMARY KEY,
    day TEXT NOT NULL
) WITHOUT ROWID;

-- Sums only: an answer to the archiving question cannot be led back to its demande.
CREATE TABLE usefulness (
    month TEXT NOT NULL,
    territoire TEXT NOT NULL,
    answer TEXT NOT NULL,
    answers BIGINT NOT NULL,
    PRIMARY KEY (month, territoire, answer)
) WITHOUT ROWID;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    door TEXT NOT NULL,
    what TEXT NOT NULL,
    demande BIGINT,
    detail TEXT NOT NULL
);
CREATE INDEX audit_demande ON audit (demande, id) WHERE demande IS NOT NULL;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE (ABORT, 'audit is append-only');
END;
