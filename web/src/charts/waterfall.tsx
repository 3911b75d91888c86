// Where does the plain change come from: calendar, falling back by itself, measure? Three factors that multiply to it exactly.
import type { EffectRecord } from "../api_cases";
import { caseWords } from "../words/cases";

const factor = (n: number | null): string => (n === null ? "–" : `×${n.toFixed(2)}`);

export function Waterfall({ record }: { record: EffectRecord }) {
  const w = caseWords.value;
  const f = record.waterfall;
  if (!f || f.naive === null || f.calendar === null || f.falling_back === null || f.measure === null) return null;
  const wide = 1 + (record.rel ?? 0);
  const interval = record.lo === null ? "" : ` (${(record.lo * wide).toFixed(2)}–${record.hi === null ? "∞" : (record.hi * wide).toFixed(2)})`;
  const levels = [1, f.calendar, f.calendar * f.falling_back, f.naive];
  const top = Math.max(...levels) * 1.12;
  const y = (n: number) => 128 - (n / top) * 104;
  const steps = [
    { name: w.wfCalendar, value: factor(f.calendar), from: levels[0]!, to: levels[1]!, kind: "calendar" },
    { name: w.wfBack, value: factor(f.falling_back), from: levels[1]!, to: levels[2]!, kind: "back" },
    { name: w.wfMeasure, value: `${factor(f.measure)}${interval}`, from: levels[2]!, to: levels[3]!, kind: "measure" },
  ];
  const label = `${w.wfNaive} ${factor(f.naive)} = ${steps.map((s) => `${s.name} ${s.value}`).join(" ")}`;
  return (
    <figure class="waterfall">
      <svg viewBox="0 0 520 176" role="img" aria-label={label}>
        <line x1="14" x2="506" y1="128" y2="128" class="axis" />
        <rect x="24" y={y(1)} width="64" height={128 - y(1)} class="wf-end" />
        <text x="56" y={y(1) - 5} text-anchor="middle" class="value">1.00</text>
        <text x="56" y="146" text-anchor="middle">{w.wfBefore}</text>
        {steps.map((s, i) => {
          const x = 122 + i * 102;
          const [a, b] = [y(Math.max(s.from, s.to)), y(Math.min(s.from, s.to))];
          return (
            <g key={s.kind}>
              <line x1={x - 34} x2={x} y1={y(s.from)} y2={y(s.from)} class="link" />
              <rect x={x} y={a} width="68" height={Math.max(1.5, b - a)} class={`wf-${s.kind}`} />
              <text x={x + 34} y={a - 5} text-anchor="middle" class="value">{factor(i === 0 ? f.calendar : i === 1 ? f.falling_back : f.measure)}</text>
              <text x={x + 34} y="146" text-anchor="middle">{s.name}</text>
              {s.kind === "measure" && <text x={x + 34} y="162" text-anchor="middle" class="small">{w.interval}{interval}</text>}
            </g>
          );
        })}
        <line x1={122 + 2 * 102 + 68} x2="428" y1={y(f.naive)} y2={y(f.naive)} class="link" />
        <rect x="428" y={y(f.naive)} width="64" height={128 - y(f.naive)} class="wf-end" />
        <text x="460" y={y(f.naive) - 5} text-anchor="middle" class="value">{factor(f.naive)}</text>
        <text x="460" y="146" text-anchor="middle">{w.wfAfter}</text>
      </svg>
      <figcaption>{w.wfNote}</figcaption>
    </figure>
  );
}
