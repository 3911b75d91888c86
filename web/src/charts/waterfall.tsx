// Where does the plain change come from: calendar, falling back by itself, measure? Three factors that multiply to it exactly.
import type { EffectRecord } from "../api_cases";
import { lang } from "../words";
import { caseWords } from "../words/cases";
import { narrow, wrapped } from "./narrow";

const factor = (n: number | null): string => (n === null ? "–" : `×${n.toFixed(2)}`);

export function Waterfall({ record }: { record: EffectRecord }) {
  const w = caseWords.value;
  const f = record.waterfall;
  if (!f || f.naive === null || f.calendar === null || f.falling_back === null || f.measure === null) return null;
  const swell = 1 + (record.rel ?? 0);
  const interval = record.lo === null ? "" : ` (${(record.lo * swell).toFixed(2)}–${record.hi === null ? "∞" : (record.hi * swell).toFixed(2)})`;
  const levels = [1, f.calendar, f.calendar * f.falling_back, f.naive];
  const top = Math.max(...levels) * 1.12;
  const y = (n: number) => 128 - (n / top) * 104;
  const steps = [
    { name: w.wfCalendar, value: factor(f.calendar), from: levels[0]!, to: levels[1]!, kind: "calendar" },
    { name: w.wfBack, value: factor(f.falling_back), from: levels[1]!, to: levels[2]!, kind: "back" },
    { name: w.wfMeasure, value: `${factor(f.measure)}${interval}`, from: levels[2]!, to: levels[3]!, kind: "measure" },
  ];
  const label = `${w.wfNaive} ${factor(f.naive)} = ${steps.map((s) => `${s.name} ${s.value}`).join(" ")}`;
  const small = narrow();
  const wide = small ? 340 : 520;
  const col = wide / 5;
  const bar = col * 0.66;
  const at = (i: number) => i * col + (col - bar) / 2;
  const mid = (i: number) => i * col + col / 2;
  const parts = (text: string) => wrapped(text, lang.value === "zh" ? (small ? 5 : 9) : small ? 11 : 17);
  const lines = Math.max(...[w.wfBefore, w.wfAfter, ...steps.map((s) => s.name)].map((text) => parts(text).length));
  const foot = 146 + lines * 13 + 2;
  const name = (i: number, text: string) => (
    <text x={mid(i)} y="146" text-anchor="middle">{parts(text).map((line, n) => <tspan key={n} x={mid(i)} dy={n ? 13 : 0}>{line}</tspan>)}</text>
  );
  return (
    <figure class="waterfall">
      <svg viewBox={`0 0 ${wide} ${foot + (interval ? 6 : 0)}`} role="img" aria-label={label}>
        <line x1="4" x2={wide - 4} y1="128" y2="128" class="axis" />
        <rect x={at(0)} y={y(1)} width={bar} height={128 - y(1)} class="wf-end" />
        <text x={mid(0)} y={y(1) - 5} text-anchor="middle" class="value">1.00</text>
        {name(0, w.wfBefore)}
        {steps.map((s, i) => {
          const x = at(i + 1);
          const [a, b] = [y(Math.max(s.from, s.to)), y(Math.min(s.from, s.to))];
          return (
            <g key={s.kind}>
              <line x1={at(i) + bar} x2={x} y1={y(s.from)} y2={y(s.from)} class="link" />
              <rect x={x} y={a} width={bar} height={Math.max(1.5, b - a)} class={`wf-${s.kind}`} />
              <text x={mid(i + 1)} y={a - 5} text-anchor="middle" class="value">{factor(i === 0 ? f.calendar : i === 1 ? f.falling_back : f.measure)}</text>
              {name(i + 1, s.name)}
            </g>
          );
        })}
        <line x1={at(3) + bar} x2={at(4)} y1={y(f.naive)} y2={y(f.naive)} class="link" />
        <rect x={at(4)} y={y(f.naive)} width={bar} height={128 - y(f.naive)} class="wf-end" />
        <text x={mid(4)} y={y(f.naive) - 5} text-anchor="middle" class="value">{factor(f.naive)}</text>
        {name(4, w.wfAfter)}
        {interval && <text x={mid(3)} y={foot} text-anchor="middle" class="small">{w.interval}{interval}</text>}
      </svg>
      <figcaption>{w.wfNote}</figcaption>
    </figure>
  );
}
