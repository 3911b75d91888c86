// How did it go month by month? Bars, with the same figures as a table on request.
import { useSignal } from "@preact/signals";
import { number, words } from "../words";

export function MonthBars({ months }: { months: { month: string; count: number }[] }) {
  const w = words.value;
  const table = useSignal(false);
  if (!months.length) return <p class="dim">{w.app.nothing}</p>;
  const top = Math.max(1, ...months.map((m) => m.count));
  const wide = 336;
  const step = wide / months.length;
  const ticks = months.map((m, i) => ({ i, label: m.month.endsWith("-01") || i === 0 ? m.month.slice(0, 4) : m.month.endsWith("-07") ? "7" : "" })).filter((t) => t.label);
  return (
    <figure class="months">
      {table.value ? (
        <table class="plain">
          <thead><tr><th scope="col">{w.site.month}</th><th scope="col" class="num">{w.site.tickets}</th></tr></thead>
          <tbody>{months.map((m) => <tr key={m.month}><td>{m.month}</td><td class="num">{number(m.count)}</td></tr>)}</tbody>
        </table>
      ) : (
        <svg viewBox={`0 0 ${wide + 24} 104`} role="img" aria-label={`${w.site.months}: ${months.map((m) => `${m.month} ${m.count}`).join(", ")}`}>
          <line x1="22" x2={wide + 22} y1="10" y2="10" class="grid" />
          <line x1="22" x2={wide + 22} y1="84" y2="84" class="axis" />
          <text x="18" y="14" text-anchor="end">{number(top)}</text>
          <text x="18" y="87" text-anchor="end">0</text>
          {months.map((m, i) => {
            const h = (m.count / top) * 74;
            return <rect key={m.month} x={22 + i * step + step * 0.12} width={step * 0.76} y={84 - h} height={h}><title>{`${m.month} · ${m.count}`}</title></rect>;
          })}
          {ticks.map((t) => <text key={t.i} x={22 + t.i * step} y="100" text-anchor="start">{t.label}</text>)}
        </svg>
      )}
      <button type="button" class="link-button no-print" onClick={() => (table.value = !table.value)}>{table.value ? w.time.chart : w.time.table}</button>
    </figure>
  );
}
