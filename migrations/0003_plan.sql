-- Plans of measures: what was wished for and what came of it, as it was then. Instants are UTC milliseconds.

-- A plan; never changed, so that two can be compared.
create table measure_plan (
    id bigint primary key,
    -- JSON: name, wish, loads of the sites as they were, answer
    body text not null,
    created_by text not null,
    created_at bigint not null,
    -- Who made cases of it, once.
    adopted_by text,
    adopted_at bigint
);
