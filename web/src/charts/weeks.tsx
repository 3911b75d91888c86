// How unlikely was the strongest cluster of each week, and how did one alarm go from week to week?
import { useSignal } from "@preact/signals";
import type { AlarmBook, WeeklyAlarm } from "../api";
import { decimal, number, words } from "../words";
import { hotWords } from "../words/hot";

type Rare = (days: number) => string;

const SHORTEST = 7;
const LONGEST = 36_500;

/** Share of the height for a recurrence interval, logarithmic from a week to a hundred years. */
export function shareOf(days: number | null): number {
  if (!days) return 0;
  return Math.max(0.02, Math.log(Math.max(SHORTEST, Math.min(days, LONGEST)) / SHORTEST) / Math.log(LONGEST / SHORTEST));
}

/** One bar a week on a logarithmic scale; the line is the bar of an alarm. */
export function Weeks({ runs: all, least, rare }: { runs: AlarmBook["runs"]; least: number; rare: Rare }) {
  const w = hotWords.value;
  const table = useSignal(false);
  // On a phone the drawing is as wide as its window: half a year, letters as large as elsewhere.
  const narrow = typeof matchMedia !== "undefined" && matchMedia("(max-width: 700px)").matches;
  const runs = [...all].reverse().slice(narrow ? -26 : -60);
  const [wide, tall] = [narrow ? 340 : 1040, 150];
  const year = tall - shareOf(least) * (tall - 14);
  const step = (wide - 60) / Math.max(runs.length, 12);
  const say = (days: number | null) => (days === null ? "–" : rare(days));
  const every = Math.max(1, Math.ceil(90 / step));
  return (
    <figure class="months weeks">
      {table.value ? (
        <table class="plain"><thead><tr><th scope="col">{w.weekEnd}</th><th scope="col" class="num">{words.value.map.tickets}</th><th scope="col" class="num">LLR</th><th scope="col" class="num">{w.recurrence}</th><th scope="col" class="num">{w.alarmsSeen}</th></tr></thead>
          <tbody>{all.map((r) => <tr key={r.day}><td>{r.day}</td><td class="num">{number(r.tickets)}</td><td class="num">{r.llr === null ? "–" : decimal(r.llr)}</td><td class="num">{say(r.recurrence_days)}</td><td class="num">{r.alarms.length ? number(r.alarms.length) : "–"}</td></tr>)}</tbody></table>
      ) : (
        <svg viewBox={`0 0 ${wide} ${tall + 22}`} role="img" aria-label={runs.map((r) => `${r.day} ${say(r.recurrence_days)}${r.alarms.length ? ` ${w.alarmsSeen} ${r.alarms.length}` : ""}`).join(", ")}>
          <line x1="46" x2={wide - 6} y1={year} y2={year} class="grid" /><text x="40" y={year + 4} text-anchor="end">{w.oneYear}</text>
          <line x1="46" x2={wide - 6} y1={tall} y2={tall} class="axis" />
          {runs.map((r, i) => {
            const high = shareOf(r.recurrence_days) * (tall - 14);
            return <rect key={r.day} class={r.alarms.length ? "loud" : ""} x={50 + i * step} width={step * 0.72} y={tall - high} height={high}><title>{`${r.day} · ${say(r.recurrence_days)}`}</title></rect>;
          })}
          {runs.map((r, i) => (i % every === 0 && 50 + i * step < wide - 70 ? <text key={r.day} x={50 + i * step} y={tall + 16}>{r.day}</text> : null))}
        </svg>
      )}
      <figcaption class="hint">{w.weeksLead}</figcaption>
      <button type="button" class="link-button no-print" onClick={() => (table.value = !table.value)}>{table.value ? words.value.time.chart : words.value.time.table}</button>
    </figure>
  );
}

/** The weeks that saw one alarm, as a table: few rows, every figure readable. */
export function Course({ steps, least, rare }: { steps: WeeklyAlarm["course"]; least: number; rare: Rare }) {
  const w = hotWords.value;
  return (
    <>
      <h3>{w.course}</h3>
      <div class="scroll">
        <table class="plain compact">
          <thead><tr><th scope="col">{w.weekEnd}</th><th scope="col" class="num">{w.seen}</th><th scope="col" class="num">{w.people}</th><th scope="col" class="num">LLR</th><th scope="col">{w.recurrence}</th><th scope="col"><span class="sr-only">{w.told}</span></th></tr></thead>
          <tbody>
            {steps.map((s) => (
              <tr key={s.day}>
                <td>{s.day}</td><td class="num">{number(s.observed)} / {decimal(s.expected)}</td><td class="num">{number(s.callers)}</td><td class="num">{decimal(s.llr)}</td>
                <td><svg class="rare" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width={shareOf(s.recurrence_days) * 100} height="8" /><line x1={shareOf(least) * 100} x2={shareOf(least) * 100} y1="0" y2="8" /></svg> {rare(s.recurrence_days)}</td>
                <td>{s.told && <span class="tag warn">{w.told}</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
