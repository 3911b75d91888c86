// How often would this city's own tickets cry wolf? Pretended measures, counted for this method and for the plain comparison.
import type { Effects } from "../api_cases";
import { lang, number } from "../words";
import { caseWords } from "../words/cases";
import { ratio } from "../charts/forest";

/** Wilson 95 % interval of a share, so that a small check does not look sharp. */
function wilson(n: number, of: number): string {
  if (!of) return "–";
  const z = 1.96;
  const p = n / of;
  const mid = (p + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z / (1 + (z * z) / of)) * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of));
  const text = (x: number) => (100 * Math.max(0, x)).toFixed(1);
  return `${(100 * p).toFixed(1)}% (${text(mid - half)}–${text(Math.min(1, mid + half))})`;
}

export function Placebo({ p }: { p: Effects["placebo"] }) {
  const w = caseWords.value;
  if (p.refused) return <p class="dim">{p.refused[lang.value === "zh" ? 0 : 1]}</p>;
  const line = (name: string, c: Effects["placebo"]["estimator"]) => (
    <tr>
      <th scope="row">{name}</th><td>{wilson(c.works, c.judged)} <small class="dim">{w.share(number(c.works), number(c.judged))}</small></td><td>{wilson(c.worse, c.judged)} <small class="dim">{w.share(number(c.worse), number(c.judged))}</small></td><td>{wilson(c.covered, c.judged)}</td><td>{c.pooled ? ratio(c.pooled) : "–"}</td>
    </tr>
  );
  return (
    <>
      <p>{w.placeboNote(number(p.pretended), p.dates.join("、"), number(p.after_days || 365))}</p>
      <div class="table-wrap" tabIndex={0}><table class="plain"><thead><tr><th scope="col" /><th scope="col">{w.falseWorks}</th><th scope="col">{w.falseWorse}</th><th scope="col">{w.covered}</th><th scope="col">{w.ratio}</th></tr></thead><tbody>{line(w.thisMethod, p.estimator)}{line(w.naive, p.naive)}</tbody></table></div>
    </>
  );
}
