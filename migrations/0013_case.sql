-- Answers to writes that carried a key of the client (Idempotency-Key): the same write sent twice is done once. Rows of a day.
create table kept_answer (
    actor text not null,
    key text not null,
    -- SHA-256 of what was asked: another question under the same key is refused.
    print text not null,
    answer text not null,
    at bigint not null,
    primary key (actor, key)
) /* clustered */;
