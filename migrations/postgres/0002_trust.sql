-- Kept next to migrations/sqlite/0002_trust.sql: same tables, same columns, tested.

-- Held mails that wait for somebody's word. The id is the number that the token of the question carries: drawn at
-- random, so that a restored database never gives one again. At most one question is open for a demande and a person.
CREATE TABLE confirmations (
    id BIGINT NOT NULL PRIMARY KEY,
    inbox UUID NOT NULL UNIQUE REFERENCES inbox (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    demande BIGINT NOT NULL,
    holder TEXT NOT NULL,
    state TEXT NOT NULL,
    held_at BIGINT NOT NULL,
    asked_at BIGINT,
    expires_at BIGINT NOT NULL,
    answered_at BIGINT,
    answered_by TEXT,
    explained BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE UNIQUE INDEX confirmations_open ON confirmations (kind, demande, holder) WHERE state = 'open';
CREATE INDEX confirmations_line ON confirmations (kind, demande, holder, held_at, id) WHERE state = 'waiting';
CREATE INDEX confirmations_due ON confirmations (expires_at, id) WHERE state IN ('open', 'waiting');

-- Addresses that our mails do not reach, in lower case.
CREATE TABLE suspensions (
    address_key TEXT NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL
);

-- What the caps count: mails that were let act apart from the others, so that a stranger's flood stops nobody else;
-- and the fingerprint of what was said, for two machines that repeat themselves.
ALTER TABLE inbox ADD COLUMN admitted BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE inbox ADD COLUMN said UUID;
DROP INDEX inbox_sender;
CREATE INDEX inbox_sender ON inbox (sender, id) WHERE sender IS NOT NULL;
DROP INDEX inbox_demande;
CREATE INDEX inbox_demande ON inbox (demande, id) WHERE demande IS NOT NULL;
