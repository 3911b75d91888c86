// What happened around the decision over all sites of a type, month by month? Ratios with intervals; the hump before is selection.
import { caseWords } from "../words/cases";
import { narrow } from "./narrow";

const MOST = 3;

export function Profile({ months }: { months: readonly Record<string, unknown>[] }) {
  const w = caseWords.value;
  const list = months
    .map((m) => ({ month: Number(m.e), theta: Number(m.theta), lo: Number(m.lo), hi: m.hi === null || m.hi === undefined ? MOST : Number(m.hi) }))
    .filter((m) => Number.isFinite(m.month) && Number.isFinite(m.theta) && Number.isFinite(m.lo));
  if (list.length < 3) return null;
  const wide = narrow() ? 340 : 680;
  const every = wide / list.length < 24 ? 3 : 1;
  const x = (i: number) => 34 + (i / (list.length - 1)) * (wide - 48);
  const y = (n: number) => 116 - (Math.min(MOST, Math.max(0, n)) / MOST) * 104;
  return (
    <figure class="profile">
      <svg viewBox={`0 0 ${wide} 140`} role="img" aria-label={`${w.profile}: ${list.map((m) => `${m.month}: ${m.theta.toFixed(2)} (${m.lo.toFixed(2)}–${m.hi.toFixed(2)})`).join("; ")}`}>
        {[0, 1, 2, 3].map((n) => <g key={n}><line x1="26" x2={wide - 6} y1={y(n)} y2={y(n)} class={n === 1 ? "one" : "grid"} /><text x="20" y={y(n) + 4} text-anchor="end">{n}</text></g>)}
        {list.map((m, i) => (
          <g key={m.month}>
            <line x1={x(i)} x2={x(i)} y1={y(m.lo)} y2={y(m.hi)} class="whisker" />
            <circle cx={x(i)} cy={y(m.theta)} r="3.6" class={m.month < 0 ? "dot before" : "dot after"} />
            {m.month % every === 0 && <text x={x(i)} y="134" text-anchor="middle">{m.month}</text>}
          </g>
        ))}
      </svg>
    </figure>
  );
}
