// How do several ratios with their intervals stand beside each other? One line each on a common scale around 1.
import { caseWords } from "../words/cases";

export interface Row { name: string; theta: number | null; lo: number | null; hi: number | null; note?: string; strong?: boolean }

const MOST = 4;
const LEAST = 0.1;
const clamp = (n: number): number => Math.min(MOST, Math.max(LEAST, n));
const x = (n: number): number => 8 + ((Math.log(clamp(n)) - Math.log(LEAST)) / (Math.log(MOST) - Math.log(LEAST))) * 184;

/** "0.72 (0.51–1.02)": a ratio is never written without its interval. */
export function ratio(row: { theta: number | null; lo: number | null; hi: number | null }): string {
  if (row.theta === null || row.lo === null) return "–";
  const hi = row.hi === null || row.hi > 10 ? caseWords.value.upToTen : row.hi.toFixed(2);
  return `${row.theta.toFixed(2)} (${row.lo.toFixed(2)}–${hi})`;
}

export function Interval({ row, colour = "#12303b" }: { row: Row; colour?: string }) {
  if (row.theta === null || row.lo === null) return null;
  return (
    <svg class="interval" viewBox="0 0 200 20" role="img" aria-label={`${row.name} ${ratio(row)}`}>
      {[0.25, 0.5, 2].map((t) => <line key={t} x1={x(t)} x2={x(t)} y1="2" y2="18" class="grid" />)}
      <line x1={x(1)} x2={x(1)} y1="0" y2="20" class="one" />
      <line x1={x(row.lo)} x2={x(row.hi ?? MOST)} y1="10" y2="10" stroke={colour} stroke-width="2.2" />
      <circle cx={x(row.theta)} cy="10" r="4" fill={colour} />
    </svg>
  );
}

export function Forest({ rows }: { rows: readonly Row[] }) {
  const w = caseWords.value;
  return (
    <div class="forest">
      <table class="plain">
        <thead><tr><th scope="col">{w.method}</th><th scope="col" class="num">{w.ratio}</th><th scope="col" aria-hidden="true">0.1 · 0.25 · 0.5 · <b>1</b> · 2 · 4</th></tr></thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.name} class={r.strong ? "strong" : ""}>
              <th scope="row">{r.name}</th>
              <td class="num">{r.theta === null ? w.refused : ratio(r)}</td>
              <td>{r.theta === null ? <span class="hint">{r.note}</span> : <Interval row={r} colour={r.strong ? "#0b6374" : undefined} />}{r.theta !== null && r.note && <span class="hint">{r.note}</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
