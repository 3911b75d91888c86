// What may be promised of a planned measure? Tickets avoided in a year with an 80 % interval, never a number alone.
import { useSignal } from "@preact/signals";
import { cases, type Benefit } from "../api_cases";
import { useLoad } from "../load";
import { Panel } from "../ui";
import { decimal, number, percent } from "../words";
import { caseWords } from "../words/cases";
import { nameOf } from "./marks";

export function BenefitLine({ b }: { b: Benefit }) {
  const w = caseWords.value;
  const from = b.evidence.map((e) => (e === "local" ? w.local : w.published)).join("＋");
  return (
    <p class="benefit">
      {w.benefitLine(decimal(b.avoided), decimal(b.lo), decimal(b.hi))} · {w.harm(percent(b.p_harm))}{b.cost_per_avoided !== null ? ` · ${w.perTicket(number(b.cost_per_avoided))}（${w.costSource[b.cost_source]}）` : ""} <span class="dim">{from}</span>
    </p>
  );
}

/** The calculator on a site's page: one measure of the catalogue at a time. */
export function Calculator({ site }: { site: string }) {
  const w = caseWords.value;
  const code = useSignal("");
  const { state, again } = useLoad(() => cases.catalogue());
  const answer = useLoad(() => (code.value ? cases.benefits(site, [code.value]) : Promise.resolve(null)), () => code.value);
  return (
    <section class="no-print">
      <h3>{w.calculator}</h3>
      <Panel state={state.value} again={again}>
        {(c) => (
          <select aria-label={w.measure} value={code.value} onChange={(e) => (code.value = e.currentTarget.value)}>
            <option value="">–</option>{c.measures.map((m) => <option key={m.id} value={m.id}>{nameOf(m)}</option>)}
          </select>
        )}
      </Panel>
      {code.value && <Panel state={answer.state.value}>{(a) => (a === null ? null : a.refused ? <p class="hint">{a.refused}</p> : a.benefits[0] ? <><p class="hint">{w.expectedYear(number(a.benefits[0].expected))} · {w.benefitNote}</p><BenefitLine b={a.benefits[0]} /></> : null)}</Panel>}
    </section>
  );
}
