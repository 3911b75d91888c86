// Which measures does a case hold, when, for how much, and where does each cost come from?
import type { WorkView } from "../api_cases";
import { decimal, lang, number } from "../words";
import { caseWords } from "../words/cases";

/** `7–9、16–18`. */
export const hoursText = (hours: readonly [number, number][]): string => hours.map(([a, b]) => `${a}–${b}`).join("、");

/** `1.2 × 100 m`, `2 进口`: a quantity keeps its parts, and a unit that begins with a figure is never run into it. */
export const amount = (quantity: number, unit: string): string => `${Number.isInteger(quantity) ? number(quantity) : decimal(quantity)} ${unitOf(unit)}`;

export function unitOf(unit: string): string {
  const named = caseWords.value.units[unit] ?? unit;
  return /^\d/.test(named) ? `× ${named}` : named;
}

export function Works({ works }: { works: readonly WorkView[] }) {
  const w = caseWords.value;
  if (!works.length) return <p class="dim">–</p>;
  return (
    <div class="table-wrap" tabIndex={0}>
      <table class="plain works">
        <thead><tr><th scope="col">{w.measure}</th><th scope="col" class="num">{w.quantity}</th><th scope="col">{w.decided}</th><th scope="col">{w.worksStart}</th><th scope="col">{w.worksEnd}</th><th scope="col">{w.removed}</th><th scope="col" class="num">{w.cost}</th></tr></thead>
        <tbody>
          {works.map((k) => (
            <tr key={k.n}>
              <th scope="row">{lang.value === "zh" ? k.name : k.name_en}{k.hours && k.hours.length > 0 && <small class="dim"> {w.hoursField} {hoursText(k.hours)}</small>}{k.note && <small class="dim"> {k.note}</small>}</th>
              <td class="num">{amount(k.quantity, k.unit)}</td>
              <td>{k.decided ?? "–"}</td><td>{k.works_start ?? "–"}</td><td>{k.works_end ?? "–"}</td><td>{k.removed ?? "–"}</td>
              <td class="num">{w.yuan(number(k.cost))}<small class="dim"> {w.costSource[k.cost_source]}</small></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
