// What was expected without the measure, what came, and how far does chance alone reach? Two bars and a line.
import type { EffectRecord } from "../api_cases";
import { decimal, lang, number } from "../words";
import { caseWords } from "../words/cases";
import { colourOf } from "../cases/marks";
import { narrow } from "./narrow";

/** Ends of the counts that chance explains at the level of the look, from the interval of the ratio. */
function chance(r: EffectRecord): [number, number] | null {
  if (r.expected === null || r.lo === null || !r.theta) return null;
  const mid = r.theta * (1 + (r.rel ?? 0));
  const wide = (end: number) => r.expected! * (mid / end);
  return r.hi === null ? null : [wide(r.hi), r.lo > 0 ? wide(r.lo) : r.expected * 3];
}

export function ExpectedBars({ record }: { record: EffectRecord }) {
  const w = caseWords.value;
  if (record.expected === null) return null;
  const range = chance(record);
  const top = Math.max(record.y, record.expected, Math.min(range?.[1] ?? 0, record.expected * 3)) * 1.08 || 1;
  const left = lang.value === "zh" ? 78 : 124;
  const wide = narrow() ? 330 : 440;
  const x = (n: number) => left + (Math.min(n, top) / top) * (wide - left - 48);
  const shown = record.expected >= 10 ? number(record.expected) : decimal(record.expected);
  const level = `${decimal(100 * (1 - record.alpha))}`;
  return (
    <figure class="expected">
      <svg viewBox={`0 0 ${wide} 104`} role="img" aria-label={`${w.ifNothing} ${shown}${range ? ` (${decimal(range[0])}–${decimal(range[1])})` : ""}, ${w.came} ${record.y}`}>
        <text x={left - 6} y="27" text-anchor="end">{w.ifNothing}</text>
        <rect x={left} y="12" width={x(record.expected) - left} height="22" class="bar-expected" />
        {range && (
          <g class="whisker">
            <line x1={x(range[0])} x2={x(range[1])} y1="23" y2="23" />
            <line x1={x(range[0])} x2={x(range[0])} y1="17" y2="29" />
            <line x1={x(range[1])} x2={x(range[1])} y1="17" y2="29" />
          </g>
        )}
        <text x={left + 3} y="46" class="small">{shown}{range ? ` (${decimal(range[0])}–${decimal(range[1])})` : ""}</text>
        <text x={left - 6} y="73" text-anchor="end">{w.came}</text>
        <rect x={left} y="58" width={Math.max(1, x(record.y) - left)} height="22" fill={colourOf(record.verdict)} />
        <text x={x(record.y) + 6} y="73" class="value">{number(record.y)}</text>
        <line x1={left} x2={left} y1="6" y2="88" class="axis" />
      </svg>
      {range && <figcaption>{w.expectedNote(level)}</figcaption>}
    </figure>
  );
}
