-- One set for SQLite and PostgreSQL. The store replaces two phrases for SQLite before it runs a migration, nothing else:
-- "bigint primary key" -> "integer primary key" (the row id itself, no second tree), "/* clustered */" -> "without rowid".
-- Instants are UTC milliseconds in bigint; ids are given by the program; JSON is text. Never edited after release.

-- Next id of each kind; ids are never reused, not even after an undone batch.
create table counter (
    name text not null primary key,
    value bigint not null
);

-- Settings of this installation: one JSON value per key (city version, data version, engine version of derived tables).
create table setting (
    key text not null primary key,
    value text not null,
    changed_at bigint not null
);

-- People.
create table app_user (
    id bigint primary key,
    name text not null unique,
    title text not null,
    role text not null,
    unit text,
    password_hash text not null,
    must_change boolean not null,
    active boolean not null,
    -- Failures since the last success; with locked_until the doubling delay.
    failures bigint not null,
    locked_until bigint,
    created_at bigint not null,
    version bigint not null
);

-- Sessions hold the SHA-256 of the token, never the token.
create table session (
    id bigint primary key,
    user_id bigint not null references app_user (id),
    token_hash text not null unique,
    created_at bigint not null,
    seen_at bigint not null
);
create index session_of_user on session (user_id);

-- Append-only: hash = SHA-256(prev || canonical row).
create table audit (
    seq bigint primary key,
    at bigint not null,
    actor text not null,
    action text not null,
    subject text not null,
    detail text not null,
    prev text not null,
    hash text not null
);
create index audit_actor on audit (actor, action, at);

-- Imported files. Facts: what came, when, by whom, with which mapping.
create table batch (
    id bigint primary key,
    -- reading, ready, committing, committed, undone, failed, discarded
    state text not null,
    file_name text not null,
    source text not null,
    -- JSON: channel, datum, format, encoding, sheet, mapping, counts, message
    body text not null,
    created_by text not null,
    created_at bigint not null,
    committed_at bigint
);

-- Rows a batch refused, with the cure. The value is masked before it comes here.
create table rejection (
    batch_id bigint not null references batch (id),
    n bigint not null,
    row_no bigint not null,
    col text not null,
    value text not null,
    code text not null,
    why text not null,
    cure text not null,
    -- error: the row was not taken; field_error, warn: it was
    severity text not null,
    primary key (batch_id, n)
) /* clustered */;

-- Fingerprints of rows that a later row of the same file overtook: without them the same file again would seem to change things.
create table overtaken (
    print bigint primary key,
    batch_id bigint not null references batch (id)
);
create index overtaken_batch on overtaken (batch_id);

-- What a ticket was before a batch changed it: the undo.
create table batch_row (
    batch_id bigint not null references batch (id),
    ticket_id bigint not null,
    -- JSON of the ticket before, and the sealed part before.
    previous text not null,
    previous_sealed bytea,
    previous_hash bigint not null,
    previous_batch bigint not null,
    primary key (batch_id, ticket_id)
) /* clustered */;

-- Tickets as read: facts, texts masked.
create table ticket (
    id bigint primary key,
    batch_id bigint not null references batch (id),
    -- Last batch that touched the row; equals batch_id until a later file changes it.
    touched_batch bigint not null,
    -- First 64 bits of SHA-256 over the row's content: same file twice changes nothing.
    content_hash bigint not null,
    channel text not null,
    external_no text not null,
    superior_no text,
    nature text,
    urgency text,
    -- Category tree, levels joined by U+001F.
    category text not null,
    title text not null,
    content text not null,
    place_text text not null,
    district text,
    town text,
    given_x double precision,
    given_y double precision,
    given_datum text,
    petitioner bigint,
    confidential boolean not null,
    reported_at bigint,
    received_at bigint not null,
    assigned_at bigint,
    signed_at bigint,
    contacted_at bigint,
    due_at bigint,
    closed_at bigint,
    unit text,
    state text not null,
    redo bigint not null,
    result text,
    reply text,
    visit_contacted boolean,
    visit_solved boolean,
    satisfaction text,
    -- JSON object of unmapped columns, masked; empty text if none.
    extras text not null
);
create unique index ticket_key on ticket (external_no, channel);
create index ticket_batch on ticket (batch_id);
create index ticket_superior on ticket (superior_no) where superior_no is not null;

-- Names, phones and unmasked texts: one sealed JSON per ticket (ChaCha20-Poly1305). Apart, so that erasing is one statement.
create table ticket_sealed (
    ticket_id bigint primary key,
    body bytea not null
);

-- Append-only; the state of a ticket is the fold of its events.
create table ticket_event (
    ticket_id bigint not null,
    seq bigint not null,
    at bigint not null,
    kind text not null,
    actor text not null,
    batch_id bigint,
    -- JSON; empty text if the kind says all.
    body text not null,
    primary key (ticket_id, seq)
) /* clustered */;

-- What a person decided about a ticket's place: a fact, replayed by every rebuild.
create table decision (
    id bigint primary key,
    ticket_id bigint not null,
    kind text not null,
    -- JSON: surface, candidate label and features, point, line
    body text not null,
    actor text not null,
    at bigint not null,
    -- Set when a later decision on the same ticket replaced it.
    replaced_by bigint
);
create index decision_ticket on decision (ticket_id);

-- Aliases: taught by decisions (facts), switched by people.
create table alias (
    id bigint primary key,
    surface text not null,
    feature text not null,
    label text not null,
    district text,
    -- Distinct petitioners (and planner confirmations) that support it.
    support bigint not null,
    confirmed boolean not null,
    active boolean not null,
    -- True once a person switched it off or on: the rule no longer decides.
    pinned boolean not null,
    created_by text not null,
    created_at bigint not null
);
create unique index alias_key on alias (surface, feature);

-- Which decisions support an alias: one row per (alias, ticket).
create table alias_support (
    alias_id bigint not null references alias (id),
    ticket_id bigint not null,
    decision_id bigint not null,
    petitioner bigint,
    primary key (alias_id, ticket_id)
) /* clustered */;

-- How a source's columns were mapped last time.
create table source_mapping (
    source text not null primary key,
    -- JSON: header -> field
    body text not null,
    changed_by text not null,
    changed_at bigint not null
);

-- DERIVED. Where the machine (or a replayed decision) puts a ticket: one row per place, n = 0 is the main one.
create table location (
    ticket_id bigint not null,
    n bigint not null,
    class text not null,
    source text not null,
    form text not null,
    lon double precision,
    lat double precision,
    radius_m double precision not null,
    confidence double precision not null,
    label text not null,
    -- Area (district) the point lies in, by name; null if unknown.
    area text,
    -- Key of the review group; null if no review is needed.
    review text,
    -- JSON: features, shape, alternatives, evidence, flags, movement; empty text if all are empty.
    detail text not null,
    primary key (ticket_id, n)
) /* clustered */;
create index location_review on location (review) where review is not null;

-- DERIVED. Runs: inputs, parameters, seed, engine and snapshot version.
create table run (
    id bigint primary key,
    kind text not null,
    body text not null,
    at bigint not null
);

-- DERIVED. Sites and their members; identity is replayed from the runs.
create table site (
    id bigint primary key,
    body text not null,
    status text not null,
    last_run bigint not null
);
create table site_member (
    site_id bigint not null references site (id),
    ticket_id bigint not null,
    primary key (site_id, ticket_id)
) /* clustered */;
create index site_member_ticket on site_member (ticket_id);
create table site_event (
    id bigint primary key,
    site_id bigint not null,
    run_id bigint not null,
    kind text not null,
    other bigint,
    body text not null
);
create index site_event_site on site_event (site_id);

-- Work in the background; failed work stays visible.
create table job (
    id bigint primary key,
    kind text not null,
    key text not null,
    -- waiting, running, done, failed, cancelled
    state text not null,
    done bigint not null,
    total bigint not null,
    stage text not null,
    message text not null,
    created_by text not null,
    created_at bigint not null,
    changed_at bigint not null
);
create index job_state on job (state, id);
