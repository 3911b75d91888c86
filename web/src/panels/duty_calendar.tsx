// Which days are school days: holidays, make-up days, terms and breaks of the city, set by hand?
import { useSignal, useSignalEffect } from "@preact/signals";
import { duty, shift, weekday } from "../api_duty";
import { atLeast } from "../duty_rights";
import { useLoad } from "../load";
import { sentence, tell } from "../store";
import { ActButton, Panel } from "../ui";
import { words } from "../words";
import { dutyWords } from "../words/duty";

interface Range { kind: string; from: string; to: string }
const KINDS = ["holiday", "makeup", "winter_break", "summer_break"];

/** Days of one kind that follow each other are one range. */
export function rangesOf(csv: string): Range[] {
  const days = csv.split(/\r?\n/).slice(1).map((l) => l.split(",").map((x) => x.trim())).filter((x) => x.length === 2 && x[0]);
  days.sort((a, b) => a[1]!.localeCompare(b[1]!) || a[0]!.localeCompare(b[0]!));
  const out: Range[] = [];
  for (const [day, kind] of days as [string, string][]) {
    const last = out[out.length - 1];
    if (last && last.kind === kind && (last.to === day || shift(last.to, 1) === day)) last.to = day;
    else out.push({ kind, from: day, to: day });
  }
  return out.sort((a, b) => a.from.localeCompare(b.from));
}

const lengthOf = (r: Range) => Math.min(400, Math.round((Date.parse(r.to) - Date.parse(r.from)) / 86_400_000));

export function csvOf(ranges: Range[]): string {
  const lines: string[] = [];
  for (const r of ranges) {
    if (!r.from || !r.to || r.to < r.from) continue;
    for (let k = 0; k <= lengthOf(r); k++) lines.push(`${shift(r.from, k)},${r.kind}`);
  }
  return `date,kind\n${[...new Set(lines)].sort().join("\n")}\n`;
}

/** School days by month over the span the calendar speaks of. */
function monthsOf(ranges: Range[]): [string, number][] {
  const of = (kind: (k: string) => boolean) => new Set(ranges.filter((r) => kind(r.kind) && r.from && r.to).flatMap((r) => Array.from({ length: lengthOf(r) + 1 }, (_, k) => shift(r.from, k))));
  const [off, on, rest] = [of((k) => k === "holiday"), of((k) => k === "makeup"), of((k) => k.endsWith("break"))];
  const known = ranges.flatMap((r) => [r.from, r.to]).filter(Boolean).sort();
  if (!known.length) return [];
  const out = new Map<string, number>();
  const end = `${known[known.length - 1]!.slice(0, 4)}-12-31`;
  for (let day = `${known[0]!.slice(0, 4)}-01-01`; day <= end && out.size <= 48; day = shift(day, 1)) {
    const month = day.slice(0, 7);
    const held = (on.has(day) || (weekday(day) < 5 && !off.has(day))) && !rest.has(day);
    out.set(month, (out.get(month) ?? 0) + Number(held));
  }
  return [...out];
}

export function CalendarPanel() {
  const { state, again } = useLoad(() => duty.calendarDays());
  const w = dutyWords.value.calendar;
  return (
    <section class="card no-print">
      <h2>{w.title}</h2>
      <p class="dim">{w.lead}</p>
      <Panel state={state.value} again={again}>{(got) => <Days key={got.csv} csv={got.csv} warnings={got.warnings} again={again} />}</Panel>
    </section>
  );
}

function Days({ csv, warnings, again }: { csv: string; warnings: string[]; again: () => void }) {
  const w = dutyWords.value.calendar;
  const rows = useSignal<Range[]>([]);
  const term = useSignal({ from: "", to: "", next: "" });
  useSignalEffect(() => { rows.value = rangesOf(csv); });
  const edit = atLeast("edit");
  const set = (i: number, change: Partial<Range>) => (rows.value = rows.value.map((r, k) => (k === i ? { ...r, ...change } : r)));
  const save = async () => {
    const bad = rows.value.find((r) => !r.from || !r.to || r.to < r.from);
    if (bad) return tell(w.bad(bad.from || "?", bad.to || "?"), "bad");
    try {
      await duty.saveCalendar(csvOf(rows.value));
      tell(w.kept);
      again();
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  /** The break between the end of a term and the begin of the next. */
  const addTerm = () => {
    const t = term.value;
    if (!t.to || !t.next || t.next <= t.to) return tell(w.bad(t.to || "?", t.next || "?"), "bad");
    const month = Number(t.to.slice(5, 7));
    const kind = month >= 5 && month <= 8 ? "summer_break" : "winter_break";
    rows.value = [...rows.value, { kind, from: shift(t.to, 1), to: shift(t.next, -1) }].sort((a, b) => a.from.localeCompare(b.from));
    term.value = { from: "", to: "", next: "" };
  };
  return (
    <details>
      <summary>{w.count(rows.value.length)}{warnings.length > 0 && ` · ${warnings.length} ${w.missing}`}</summary>
      {warnings.map((x) => <p key={x} class="bad-text">{x}</p>)}
      {rows.value.map((r, i) => (
        <fieldset key={i} class="row-set" disabled={!edit}>
          <select aria-label={w.kind} value={r.kind} onChange={(e) => set(i, { kind: e.currentTarget.value })}>{KINDS.map((k) => <option key={k} value={k}>{w.kinds[k]}</option>)}</select>
          <input aria-label={w.from} type="date" value={r.from} onInput={(e) => set(i, { from: e.currentTarget.value, to: r.to && r.to >= e.currentTarget.value ? r.to : e.currentTarget.value })} />
          <input aria-label={w.to} type="date" value={r.to} onInput={(e) => set(i, { to: e.currentTarget.value })} />
          {edit && <button type="button" class="button small" onClick={() => (rows.value = rows.value.filter((_, k) => k !== i))}>{w.minus}</button>}
        </fieldset>
      ))}
      {edit && (
        <div class="form-row">
          <button type="button" class="button small" onClick={() => (rows.value = [...rows.value, { kind: "holiday", from: "", to: "" }])}>{w.plus}</button>
          <label class="check">{w.termEnd} <input type="date" value={term.value.to} onInput={(e) => (term.value = { ...term.value, to: e.currentTarget.value })} /></label>
          <label class="check">{w.nextTerm} <input type="date" value={term.value.next} onInput={(e) => (term.value = { ...term.value, next: e.currentTarget.value })} /></label>
          <button type="button" class="button small" onClick={addTerm}>{w.addTerm}</button>
          <ActButton class="primary" act={save}>{words.value.app.save}</ActButton>
        </div>
      )}
      <h3>{w.months}</h3>
      <ul class="year-days">{monthsOf(rows.value).map(([m, n]) => <li key={m}><span>{m}</span><b>{w.days(n)}</b></li>)}</ul>
    </details>
  );
}
