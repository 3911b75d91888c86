-- A place that stands at somebody's home: people without the right to clear words, and every map, see the hexagon around it only.
-- Derived like its table: rows written before say 0 until they are located again (zhilu rebuild).
alter table location add column home bigint not null default 0;
