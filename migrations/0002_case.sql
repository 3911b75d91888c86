-- Cases, their events, photos and evaluations. Instants are UTC milliseconds, civil days are text, JSON is text.

-- A case (一点一策). Facts. "case" alone is a word of SQL. The site is a lasting number, no reference: sites are derived rows.
create table case_file (
    id bigint primary key,
    site_id bigint not null,
    -- State by its events; between decision and close the dates in the body decide.
    state text not null,
    -- Number in the table it was imported from.
    external_no text,
    -- JSON: title, diagnosis, owner, measures with places and dates, visits.
    body text not null,
    version bigint not null,
    created_at bigint not null,
    changed_at bigint not null
);
create index case_file_site on case_file (site_id);
create unique index case_file_external on case_file (external_no) where external_no is not null;

-- Append-only: who did what when; the timeline.
create table case_event (
    case_id bigint not null references case_file (id),
    seq bigint not null,
    at bigint not null,
    -- edit, propose, send_back, approve, date_works, visit, close, relapse, withdraw, comment, photo, photo_removed, import
    kind text not null,
    actor text not null,
    -- JSON of the act.
    body text not null,
    primary key (case_id, seq)
) /* clustered */;

-- Photos without their metadata (position, camera, time are cut out before they come here).
create table case_photo (
    id bigint primary key,
    case_id bigint not null references case_file (id),
    -- before, during, after
    phase text not null,
    -- Civil day on which it was taken, as the person says.
    taken_on text,
    caption text not null,
    media_type text not null,
    width bigint not null,
    height bigint not null,
    sha256 text not null,
    body bytea not null,
    created_by text not null,
    created_at bigint not null
);
create index case_photo_case on case_photo (case_id);

-- Evaluations: versions beside each other, never overwritten. One row per case, bundle of measures and look.
create table evaluation (
    case_id bigint not null references case_file (id),
    -- Names of the measures judged together.
    measures text not null,
    look text not null,
    version bigint not null,
    at bigint not null,
    verdict text not null,
    -- SHA-256 of the body: equal inputs give equal bytes, and equal bytes write nothing.
    print text not null,
    -- JSON: the record of the effect room.
    body text not null,
    primary key (case_id, measures, look, version)
) /* clustered */;

-- DERIVED. The last nightly run: league of measures, reference panels, calibration.
create table effect_run (
    id bigint primary key,
    at bigint not null,
    print text not null,
    body text not null
);
