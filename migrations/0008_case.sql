-- Changes of the catalogue of measures made on the page: facts, never overwritten. The newest row of a measure is in force over the
-- file; the shipped file stays what it was.
create table measure_edit (
    id bigint primary key,
    -- Code of the measure.
    measure text not null,
    -- JSON: column of measures.csv to text; empty = back to what the file says.
    body text not null,
    -- Why, in words.
    reason text not null,
    actor text not null,
    at bigint not null
);
create index measure_edit_measure on measure_edit (measure);
