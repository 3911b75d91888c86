// What was expected without the measure, what came, and how far does chance alone reach? Two bars and a line.
import type { EffectRecord } from "../api_cases";
import { decimal, number } from "../words";
import { caseWords } from "../words/cases";
import { colourOf } from "../cases/marks";

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
  const x = (n: number) => 92 + (Math.min(n, top) / top) * 300;
  const shown = record.expected >= 10 ? number(record.expected) : decimal(record.expected);
  const level = `${decimal(100 * (1 - record.alpha))}`;
  return (
    <figure class="expected">
      <svg viewBox="0 0 440 104" role="img" aria-label={`${w.ifNothing} ${shown}${range ? ` (${decimal(range[0])}–${decimal(range[1])})` : ""}, ${w.came} ${record.y}`}>
        <text x="86" y="27" text-anchor="end">{w.ifNothing}</text>
        <rect x="92" y="12" width={x(record.expected) - 92} height="22" class="bar-expected" />
        {range && (
          <g class="whisker">
            <line x1={x(range[0])} x2={x(range[1])} y1="23" y2="23" />
            <line x1={x(range[0])} x2={x(range[0])} y1="17" y2="29" />
            <line x1={x(range[1])} x2={x(range[1])} y1="17" y2="29" />
          </g>
        )}
        <text x="92" y="44" class="small">{shown}{range ? ` (${decimal(range[0])}–${decimal(range[1])})` : ""}</text>
        <text x="86" y="73" text-anchor="end">{w.came}</text>
        <rect x="92" y="58" width={Math.max(1, x(record.y) - 92)} height="22" fill={colourOf(record.verdict)} />
        <text x={x(record.y) + 6} y="73" class="value">{number(record.y)}</text>
        <line x1="92" x2="92" y1="6" y2="88" class="axis" />
      </svg>
      {range && <figcaption>{w.expectedNote(level)}</figcaption>}
    </figure>
  );
}
