-- What people decided about sites (merge, split, rename, move, pin): facts, replayed by every run and every rebuild.
create table site_edit (
    id bigint primary key,
    -- Run whose sites the person saw.
    run bigint not null,
    -- JSON: the deed with what identifies its sites.
    body text not null,
    actor text not null,
    at bigint not null
);

-- DERIVED. Weekly alarm runs: the last day they speak of (days since 1970-01-01, civil), parameters, seed, what was found.
create table alarm_run (
    id bigint primary key,
    day bigint not null,
    body text not null,
    at bigint not null
);
create unique index alarm_run_day on alarm_run (day);

-- DERIVED. Alarms with their life over the runs.
create table alarm (
    id bigint primary key,
    first_day bigint not null,
    last_day bigint not null,
    body text not null
);
