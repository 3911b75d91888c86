-- What plans were reckoned with, and patrols as they were planned. Instants are UTC milliseconds.

-- A catalogue of measures as it was when a plan was made; plans made with the same one share the row.
create table plan_catalogue (
    -- SHA-256 of the body.
    id text primary key,
    -- JSON: both tables as text, whose figures they are
    body text not null
);

-- A patrol of motor units; never changed.
create table patrol (
    id bigint primary key,
    -- JSON: wish, spots with windows and worth, loops, roads driven
    body text not null,
    created_by text not null,
    created_at bigint not null
);
