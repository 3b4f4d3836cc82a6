-- Everything the Centre keeps, except the attachments' content. The same schema stands in the other database's folder
-- under the same number; read the two side by side.
--
-- Times are Unix milliseconds of the Centre's clock. Hashes, keys and ids are raw bytes. Numbers that are unsigned in the
-- program and may come from outside (`counter`, `size_bytes`) are kept by their bits, so that none is out of range.
-- Every table of the record begins its key with the dossier or the scope, so that it can be partitioned by either.

-- Named values of the installation: the Centre's key seed, the epoch.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value BYTEA NOT NULL
);

-- Devices ---------------------------------------------------------------------------------------------------------

-- A device that ever sent or enrolled. `receipts` and `last_receipt` are the head of its receipt chain: the row is
-- locked while a receipt is given, so that the chain never forks.
CREATE TABLE devices (
    id              BYTEA PRIMARY KEY,
    key             BYTEA NOT NULL,
    receipts        BIGINT NOT NULL DEFAULT 0,
    last_receipt    BYTEA,
    last_contact_ms BIGINT NOT NULL,
    -- What the device said, at that contact, that it still holds; and since when it has never said "nothing".
    waiting_items    BIGINT NOT NULL DEFAULT 0,
    waiting_files    BIGINT NOT NULL DEFAULT 0,
    waiting_since_ms BIGINT,
    -- Set once, by an operator: what it sends from then on is kept aside.
    revoked_ms       BIGINT,
    revoked_reason   TEXT
);

-- Certificates as signed, numbered from 1 in the order in which they were given.
CREATE TABLE certificates (
    device BYTEA NOT NULL REFERENCES devices (id),
    number BIGINT NOT NULL,
    signed BYTEA NOT NULL,
    PRIMARY KEY (device, number)
);

-- Whoever shows the token gets the role. Only the token's hash is here. `certificate` is the number of the certificate
-- that was given when `used_by` took the invitation up.
CREATE TABLE invitations (
    token_hash  BYTEA PRIMARY KEY,
    role        TEXT NOT NULL,
    unit        TEXT NOT NULL,
    name        TEXT NOT NULL,
    expires_ms  BIGINT NOT NULL,
    used_by     BYTEA,
    certificate BIGINT,
    FOREIGN KEY (used_by, certificate) REFERENCES certificates (device, number)
);

-- Receipts as signed. The key keeps two groups from getting the same number in a device's chain.
CREATE TABLE receipts (
    device     BYTEA NOT NULL REFERENCES devices (id),
    number     BIGINT NOT NULL,
    batch      BYTEA NOT NULL,
    parcel_hash BYTEA NOT NULL,
    signed     BYTEA NOT NULL,
    given_ms   BIGINT NOT NULL,
    PRIMARY KEY (device, number)
);
-- A replayed batch gets its receipts again.
CREATE INDEX receipts_by_batch ON receipts (device, batch, number);

-- The record ------------------------------------------------------------------------------------------------------

-- A dossier: how many items it has, and what lists show of it (the projection, a cache that admission replaces whole).
-- The row is locked while positions are given and during admission.
CREATE TABLE dossiers (
    id                BYTEA PRIMARY KEY,
    -- The position of its latest item, and how many items of each kind there are (for the limits).
    last_position     BIGINT NOT NULL,
    changes           BIGINT NOT NULL,
    events            BIGINT NOT NULL,
    texts             BIGINT NOT NULL,
    -- Sums of the admitted items' hashes: of those for the parties, and of those for staff alone.
    parties_sum       BYTEA NOT NULL DEFAULT '\x00000000000000000000000000000000',
    staff_sum         BYTEA NOT NULL DEFAULT '\x00000000000000000000000000000000',
    -- When the oldest item that awaits admission was received; NULL if none does.
    awaiting_since_ms BIGINT,
    -- The projection; `updated_ms` is NULL until the first admission.
    code              TEXT,
    provisional_code  TEXT,
    procedure         TEXT,
    status            SMALLINT,
    unit              TEXT,
    channel           SMALLINT,
    submitted_ms      BIGINT,
    accepted_ms       BIGINT,
    due_at            TEXT,
    conflicts         BIGINT NOT NULL DEFAULT 0,
    disputed          BOOLEAN NOT NULL DEFAULT FALSE,
    pending_amendment BOOLEAN NOT NULL DEFAULT FALSE,
    updated_ms        BIGINT
);
CREATE INDEX dossiers_awaiting ON dossiers (awaiting_since_ms, id) WHERE awaiting_since_ms IS NOT NULL;
CREATE INDEX dossiers_by_update ON dossiers (updated_ms, id) WHERE updated_ms IS NOT NULL;

-- Changes, events and text objects, in the order of their arrival within the dossier. Never altered but for `state`,
-- never removed.
CREATE TABLE items (
    dossier         BYTEA NOT NULL REFERENCES dossiers (id),
    position        BIGINT NOT NULL,
    hash            BYTEA NOT NULL,
    -- 1 text, 2 change, 3 event; each has columns of its own.
    kind            SMALLINT NOT NULL CHECK (kind IN (1, 2, 3)),
    -- Of a text: its field in UTF-8 (as bytes, since text columns of PostgreSQL do not take every character).
    field           BYTEA,
    -- Of a change.
    actor           BYTEA,
    seq             BIGINT,
    last_op         BIGINT,
    -- Of an event.
    counter         BIGINT,
    staff_only      BOOLEAN NOT NULL,
    -- The raw change, or the signed event; empty for a text.
    bytes           BYTEA NOT NULL,
    author          BYTEA NOT NULL,
    received_ms     BIGINT NOT NULL,
    clock_offset_ms BIGINT NOT NULL,
    -- 1 received, 2 admitted, 3 quarantined, 4 kept aside because the device was revoked.
    state           SMALLINT NOT NULL CHECK (state IN (1, 2, 3, 4)),
    PRIMARY KEY (dossier, position)
);
-- The same thing sent twice is one thing.
CREATE UNIQUE INDEX items_by_hash ON items (dossier, hash);
-- An actor writes each of its changes once: a second one under the same number would be a fork.
CREATE UNIQUE INDEX items_by_actor ON items (dossier, actor, seq) WHERE actor IS NOT NULL;
CREATE INDEX items_awaiting ON items (dossier, received_ms) WHERE state = 1;

-- Devices that made items of a dossier, with the position of the first. Not every author has ever synced itself.
CREATE TABLE participants (
    dossier        BYTEA NOT NULL REFERENCES dossiers (id),
    device         BYTEA NOT NULL,
    since_position BIGINT NOT NULL,
    PRIMARY KEY (dossier, device)
);

-- Attachments that a dossier names, and those that arrived for it. The same content in two dossiers is two rows.
CREATE TABLE blobs (
    dossier    BYTEA NOT NULL REFERENCES dossiers (id),
    blob       BYTEA NOT NULL,
    -- As declared while it has not arrived, then as it is.
    size_bytes BIGINT NOT NULL,
    arrived_ms BIGINT,
    PRIMARY KEY (dossier, blob)
);
CREATE INDEX blobs_wanted ON blobs (dossier, blob) WHERE arrived_ms IS NULL;

-- Every code a dossier is or was known by. The first dossier to bear a code keeps it.
CREATE TABLE codes (
    code    TEXT PRIMARY KEY,
    dossier BYTEA NOT NULL REFERENCES dossiers (id)
);

-- The next serial of a unit for a local date.
CREATE TABLE code_counters (
    org_unit TEXT NOT NULL,
    date     TEXT NOT NULL,
    next     BIGINT NOT NULL,
    PRIMARY KEY (org_unit, date)
);

-- The feed --------------------------------------------------------------------------------------------------------

-- The head of each scope's feed. The row is locked from the giving of a sequence number to the end of the transaction:
-- rows become visible in the order of their numbers, and no reader passes over one that commits late.
CREATE TABLE scopes (
    scope  TEXT PRIMARY KEY,
    head   BIGINT NOT NULL,
    -- The sum of the elements of the dossiers that are in it: what a device ought to hold that has read up to the head.
    digest BYTEA NOT NULL DEFAULT '\x00000000000000000000000000000000'
);

-- Which scopes a dossier is in now, and whether staff-only events go there.
CREATE TABLE dossier_scopes (
    dossier BYTEA NOT NULL REFERENCES dossiers (id),
    scope   TEXT NOT NULL,
    staff   BOOLEAN NOT NULL,
    PRIMARY KEY (dossier, scope)
);
CREATE INDEX dossier_scopes_by_scope ON dossier_scopes (scope, dossier);

-- One ordered sequence per scope. Rows refer to items and attachments; nothing is copied.
CREATE TABLE feed (
    scope    TEXT NOT NULL,
    seq      BIGINT NOT NULL,
    -- 1 enter, 2 leave, 3 item (then `position`), 4 attachment (then `blob`).
    kind     SMALLINT NOT NULL CHECK (kind IN (1, 2, 3, 4)),
    dossier  BYTEA NOT NULL,
    position BIGINT,
    blob     BYTEA,
    PRIMARY KEY (scope, seq)
);

-- Attachments on their way ----------------------------------------------------------------------------------------

CREATE TABLE uploads (
    id           TEXT PRIMARY KEY,
    dossier      BYTEA NOT NULL,
    blob         BYTEA NOT NULL,
    device       BYTEA NOT NULL,
    length_bytes BIGINT NOT NULL,
    offset_bytes BIGINT NOT NULL,
    touched_ms   BIGINT NOT NULL
);
CREATE INDEX uploads_by_touch ON uploads (touched_ms);

-- Access log ------------------------------------------------------------------------------------------------------

-- Staff read a dossier. `number` keeps two readings in one millisecond apart.
CREATE TABLE read_log (
    number  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dossier BYTEA NOT NULL,
    device  BYTEA NOT NULL,
    at_ms   BIGINT NOT NULL
);
CREATE INDEX read_log_by_dossier ON read_log (dossier, number);
