-- School register, people on duty, rosters, attendance, bell-time observations. Instants are UTC milliseconds, civil days are text.

-- A school (一校一策). Facts.
create table school (
    id bigint primary key,
    -- JSON: name, stage, gates with facts, bells, catchment, problems, measures, evaluation date
    body text not null,
    version bigint not null,
    changed_by text not null,
    changed_at bigint not null
);

-- Somebody who stands at gates. The phone is sealed and apart from everything else.
create table duty_person (
    id bigint primary key,
    -- JSON: name, role, squad, caps, history, skills, login
    body text not null,
    phone bytea,
    version bigint not null,
    changed_by text not null,
    changed_at bigint not null
);

create table duty_leave (
    id bigint primary key,
    person_id bigint not null references duty_person (id),
    first_day text not null,
    last_day text not null,
    -- Peak, empty for whole days.
    peak text not null,
    cause text not null,
    created_by text not null,
    created_at bigint not null
);
create index duty_leave_person on duty_leave (person_id);

create table roster (
    id bigint primary key,
    first_day text not null,
    last_day text not null,
    -- draft, published, withdrawn
    state text not null,
    -- JSON: settings, values, bounds, gaps, warnings, engine
    body text not null,
    version bigint not null,
    created_by text not null,
    created_at bigint not null,
    published_by text,
    published_at bigint
);

-- One person's work in one peak of one day. The key is the name in calendars and never changes.
create table roster_duty (
    id bigint primary key,
    roster_id bigint not null references roster (id),
    day text not null,
    -- JSON: peak, window, posts with gates, roles, load, priority, squad
    body text not null,
    person_id bigint references duty_person (id),
    -- Changes since it was published.
    sequence bigint not null
);
create index roster_duty_roster on roster_duty (roster_id);
create index roster_duty_day on roster_duty (day);

-- Append-only: made, published, absence, replanned, swapped, withdrawn.
create table roster_event (
    id bigint primary key,
    roster_id bigint not null references roster (id),
    at bigint not null,
    kind text not null,
    actor text not null,
    body text not null
);
create index roster_event_roster on roster_event (roster_id);

-- Check-in, check-out, incident. "mark" is given by the phone, so that sending twice writes once.
create table duty_sign (
    id bigint primary key,
    mark text not null unique,
    duty_id bigint not null references roster_duty (id),
    person_id bigint not null references duty_person (id),
    -- in, out, incident
    kind text not null,
    -- When it happened, by the phone; when it arrived.
    at bigint not null,
    received_at bigint not null,
    -- JSON: distance to the post, accuracy, note
    body text not null
);
create index duty_sign_duty on duty_sign (duty_id);

-- Bell-time observation at a gate: counts and queue.
create table bell_watch (
    id bigint primary key,
    mark text not null unique,
    school_id bigint not null references school (id),
    day text not null,
    at bigint not null,
    actor text not null,
    -- JSON: gate, peak, vehicles, stopped, queue, crossings, conflicts
    body text not null
);
create index bell_watch_school on bell_watch (school_id);
