// What happened at the site over time? Lanes under one axis: tickets by month, orders, decisions, visits, works, verdicts.
import type { CaseDetail, TimelineMark } from "../api_cases";
import { colourOf } from "../cases/marks";
import { lang, number, words } from "../words";
import { caseWords } from "../words/cases";
import { useSignal } from "@preact/signals";
import { narrow } from "./narrow";

const LANES = ["order", "decision", "visit", "works", "verdict"] as const;
const STEP = 24;
const TOP = 92;

const days = (iso: string): number => Date.parse(`${iso}T00:00:00Z`) / 86_400_000;

export function CaseTimeline({ c }: { c: CaseDetail }) {
  const w = caseWords.value;
  const t = words.value.time;
  const table = useSignal(false);
  const line = c.timeline;
  const W = narrow() ? 340 : 720;
  const LEFT = lang.value === "zh" ? 40 : 66;
  if (!line.months.length) return null;
  const from = days(line.from);
  const to = Math.max(days(line.until), from + 30) + 1;
  const x = (iso: string) => LEFT + ((Math.min(to, Math.max(from, days(iso))) - from) / (to - from)) * (W - LEFT - 10);
  const top = Math.max(1, ...line.months.map((m) => m.count));
  const laneOf = (m: TimelineMark) => (m.lane === "removal" ? "works" : m.lane);
  const shown = LANES.filter((lane) => line.marks.some((m) => laneOf(m) === lane));
  const y = (lane: string) => TOP + 22 + shown.indexOf(lane as (typeof LANES)[number]) * STEP;
  const height = TOP + 22 + shown.length * STEP + 4;
  const name = (n: string) => {
    const work = c.works.find((k) => String(k.n) === n);
    return work ? `${n} ${lang.value === "zh" ? work.name : work.name_en}` : n;
  };
  const say = (m: TimelineMark): string => {
    switch (m.lane) {
      case "works": return `${name(m.what)} ${m.on} – ${m.until ?? "…"}`;
      case "removal": return `${w.removed} ${name(m.what)} ${m.on}`;
      case "verdict": return `${m.on} ${w.verdicts[m.what] ?? m.what}${m.note ? ` · ${w.looks[m.note] ?? m.note}` : ""}`;
      case "decision": return `${m.on} ${w.events[m.what] ?? `${w.decided} ${name(m.what)}`}${m.note ? ` · ${m.note}` : ""}`;
      case "visit": return `${m.on} ${m.what} ${m.note}`;
      default: return `${m.on} ${w.lanes.order} ${m.what}`;
    }
  };
  const years = line.months.filter((m) => m.from.endsWith("-01-01"));
  return (
    <figure class="case-timeline">
      {table.value ? (
        <ol class="history">
          {[...line.marks].reverse().map((m, i) => <li key={i}><span class="tag">{w.lanes[laneOf(m)]}</span> {say(m)}</li>)}
          {[...line.months].reverse().map((m) => <li key={m.from}><span class="tag">{w.tickets}</span> {m.from.slice(0, 7)}: {number(m.count)}{m.redone ? ` · ${w.redone} ${number(m.redone)}` : ""}</li>)}
        </ol>
      ) : (
        <svg viewBox={`0 0 ${W} ${height}`} role="img" aria-label={`${w.timelineTitle}: ${line.marks.map(say).join("; ")}`}>
          <text x={LEFT - 6} y="20" text-anchor="end">{number(top)}</text>
          <text x={LEFT - 6} y={TOP} text-anchor="end">{w.tickets}</text>
          <line class="axis" x1={LEFT} x2={W - 10} y1={TOP} y2={TOP} />
          {line.months.map((m, i) => {
            const next = line.months[i + 1]?.from ?? line.until;
            const width = Math.max(1.5, x(next) - x(m.from) - 1.2);
            const h = (m.count / top) * (TOP - 14);
            return <rect key={m.from} x={x(m.from)} y={TOP - h} width={width} height={h} class="bar"><title>{`${m.from.slice(0, 7)}: ${m.count}`}</title></rect>;
          })}
          {years.map((m) => <g key={m.from}><line class="year" x1={x(m.from)} x2={x(m.from)} y1="8" y2={height - 4} /><text x={x(m.from) > W - 44 ? x(m.from) - 3 : x(m.from) + 3} y={TOP + 12} text-anchor={x(m.from) > W - 44 ? "end" : "start"} class="small">{m.from.slice(0, 4)}</text></g>)}
          {shown.map((lane) => <text key={lane} x={LEFT - 6} y={y(lane) + 10} text-anchor="end">{w.lanes[lane]}</text>)}
          {shown.map((lane) => <line key={`l${lane}`} class="lane" x1={LEFT} x2={W - 10} y1={y(lane) + 6} y2={y(lane) + 6} />)}
          {line.marks.map((m, i) => {
            const at = x(m.on);
            const mid = y(laneOf(m)) + 6;
            const title = <title>{say(m)}</title>;
            if (m.lane === "works") return <rect key={i} x={at} y={mid - 5} width={Math.max(4, x(m.until ?? line.until) - at)} height="10" class="mark-works">{title}</rect>;
            if (m.lane === "removal") return <path key={i} d={`M${at - 4} ${mid - 5}l8 10m0-10l-8 10`} class="mark-removal">{title}</path>;
            if (m.lane === "verdict") return <circle key={i} cx={at} cy={mid} r="5" fill={colourOf(m.what)} stroke="#fff">{title}</circle>;
            if (m.lane === "visit") return <rect key={i} x={at - 4} y={mid - 4} width="8" height="8" class="mark-visit">{title}</rect>;
            return <path key={i} d={`M${at} ${mid - 6}l5.5 11h-11Z`} class={m.lane === "order" ? "mark-order" : "mark-decision"}>{title}</path>;
          })}
        </svg>
      )}
      <figcaption>{w.timelineNote(line.from, line.until)}</figcaption>
      <button type="button" class="link-button no-print" onClick={() => (table.value = !table.value)}>{table.value ? t.chart : t.table}</button>
    </figure>
  );
}
