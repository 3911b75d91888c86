// How did it go month by month against what was expected, and how far does chance reach in a single month?
import { useSignal } from "@preact/signals";
import type { Month } from "../api_cases";
import { decimal, number, words } from "../words";
import { caseWords } from "../words/cases";
import { narrow } from "./narrow";

export function MonthsExpected({ months }: { months: readonly Month[] }) {
  const w = caseWords.value;
  const t = words.value.time;
  const table = useSignal(false);
  const list = months.filter((m) => m.part !== "gap");
  if (list.length < 3) return null;
  // A short last month is drawn as a rate of 30 days, so that its height can be compared.
  const scale = (m: Month) => 30 / m.days;
  const top = Math.max(1, ...list.map((m) => Math.max(m.hi, m.y) * scale(m)));
  const all = months.length;
  const small = narrow();
  const wide = small ? 340 : 680;
  const step = (wide - 44) / all;
  const every = Math.max(1, Math.ceil(48 / step));
  const x = (i: number) => 34 + i * step;
  const y = (n: number) => 112 - (n / top) * 98;
  const cut = months.findIndex((m) => m.part === "gap");
  const band = (part: "before" | "after") => {
    const inside = months.map((m, i) => ({ m, i })).filter((p) => p.m.part === part);
    if (!inside.length) return "";
    const upper = inside.map((p) => `${x(p.i) + step / 2},${y(p.m.hi * scale(p.m))}`);
    const lower = [...inside].reverse().map((p) => `${x(p.i) + step / 2},${y(p.m.lo * scale(p.m))}`);
    return `M${[...upper, ...lower].join("L")}Z`;
  };
  return (
    <figure class="months-expected">
      {table.value ? (
        <table class="plain">
          <thead><tr><th scope="col">{w.onDay}</th><th scope="col" class="num">{w.ifNothing}</th><th scope="col" class="num">{w.interval}</th><th scope="col" class="num">{w.came}</th></tr></thead>
          <tbody>{list.map((m) => <tr key={m.from}><td>{m.from} · {w.days(String(m.days))} · {w.part[m.part]}</td><td class="num">{decimal(m.expected)}</td><td class="num">{m.lo}–{m.hi}</td><td class="num">{number(m.y)}</td></tr>)}</tbody>
        </table>
      ) : (
        <svg viewBox={`0 0 ${wide} 138`} role="img" aria-label={`${w.monthsTitle}: ${list.map((m) => `${m.from} ${decimal(m.expected)} (${m.lo}–${m.hi}) / ${m.y}`).join("; ")}`}>
          <line x1="34" x2={wide - 10} y1="112" y2="112" class="axis" />
          <text x="30" y="18" text-anchor="end">{number(top)}</text>
          <text x="30" y="115" text-anchor="end">0</text>
          {cut >= 0 && <rect x={x(cut)} y="10" width={step} height="102" class="gap" />}
          <path d={band("before")} class="band before" />
          <path d={band("after")} class="band" />
          {(["before", "after"] as const).map((part) => (
            <polyline key={part} class={`line-expected ${part}`} points={months.map((m, i) => (m.part === part ? `${x(i) + step / 2},${y(m.expected * scale(m))}` : "")).filter(Boolean).join(" ")} />
          ))}
          {months.map((m, i) => m.part !== "gap" && <circle key={m.from} cx={x(i) + step / 2} cy={y(m.y * scale(m))} r="3.4" class={`dot ${m.part}`}><title>{`${m.from}: ${m.y} / ${decimal(m.expected)} (${m.lo}–${m.hi})`}</title></circle>)}
          {months.map((m, i) => (i % every === 0 && x(i) < wide - 40 ? <text key={`t${m.from}`} x={x(i)} y="128">{m.from.slice(2, 7)}</text> : null))}
        </svg>
      )}
      <figcaption>{w.monthsNote}</figcaption>
      <button type="button" class="link-button no-print" onClick={() => (table.value = !table.value)}>{table.value ? t.chart : t.table}</button>
    </figure>
  );
}
