// What does each department promise, what do school gates lack, and which sites stay as controls?
import type { Plan, Promised, Work } from "../api_plan";
import { decimal, lang, number } from "../words";
import { planWords } from "../words/plan";
import { markName, siteName } from "./say";
import { marked, type Use } from "./works";

interface Line { work: Work; measure: Promised; leads: boolean }

/** The list for the meeting: by department, what it leads and where it joins. */
export function Promises({ plan }: { plan: Plan }) {
  const w = planWords.value;
  const by = new Map<string, Line[]>();
  for (const work of plan.works) for (const measure of work.measures) {
    for (const [department, leads] of [[measure.department, true], ...measure.partners.map((p) => [p, false])] as [string, boolean][]) by.set(department, [...(by.get(department) ?? []), { work, measure, leads }]);
  }
  if (!by.size) return null;
  const name = (m: Promised) => (lang.value === "en" ? m.name_en : m.name);
  return (
    <section class="promises"><h3>{w.promises}</h3><p class="dim">{w.promiseLead}</p>
      {[...by].sort((a, b) => b[1].filter((l) => l.leads).length - a[1].filter((l) => l.leads).length || a[0].localeCompare(b[0], "zh")).map(([department, lines]) => {
        const own = lines.filter((l) => l.leads);
        const joins = lines.filter((l) => !l.leads);
        return (
          <div key={department} class="promise"><h4>{department} <small class="dim">¥{number(own.reduce((sum, l) => sum + l.measure.cost, 0))}</small></h4>
            {own.length > 0 && (
              <div class="scroll"><table class="plain"><thead><tr><th scope="col">{w.site}</th><th scope="col">{w.measures}</th><th scope="col" class="num">{w.unit}</th><th scope="col" class="num">{w.cost}</th><th scope="col" class="num">{w.promise}</th><th scope="col">{w.evidence}</th><th scope="col">{w.standards}</th><th scope="col">{w.done}</th><th scope="col">{w.evaluate}</th></tr></thead>
                <tbody>{own.map(({ work, measure: m }) => (
                  <tr key={work.id + m.id}><th scope="row">{work.name}</th><td>{name(m)}{m.partners.length > 0 && <small class="dim"> {w.role.join} {m.partners.join("、")}</small>}</td><td class="num">{/^\d/.test(m.unit) ? `${number(m.quantity)} × ${m.unit}` : `${number(m.quantity)} ${m.unit}`}</td>
                    <td class="num">¥{number(m.cost)}{m.cost_source === "default" && <small> {w.guess}</small>}</td><td class="num">{decimal(work.prevented_a_year)}<br /><small>{decimal(work.prevented_low)}–{decimal(work.prevented_high)}</small></td>
                    <td>{m.evidence}{m.local > 0 && <small class="dim"> {w.localResults(m.local)}</small>}</td><td><small>{m.standards?.join("；")}</small></td><td class="nowrap">{work.done_by}</td><td class="nowrap">{work.evaluate_on}</td></tr>))}
                </tbody></table></div>
            )}
            {joins.length > 0 && <p class="dim">{w.role.join}：{joins.map((l) => `${l.work.name} ${name(l.measure)}`).join("；")}</p>}
          </div>
        );
      })}
    </section>
  );
}

/** Chosen sites that won or lost a draw. */
export function Controls({ plan }: { plan: Plan }) {
  const w = planWords.value;
  if (!plan.plan.controls.length) return null;
  return (
    <section><h3>{w.controls}</h3><ul class="plain-list">{plan.plan.controls.map((c) => (
      <li key={c.treated}>{w.controlLine(markName(plan, c.treated), siteName(plan, c.control))}{c.drawn === "control" && w.drawOther}</li>))}</ul>
    </section>
  );
}

/** School gates item by item against the standards. */
export function Standards({ plan, use }: { plan: Plan; use: Use }) {
  const w = planWords.value;
  const gates = Object.entries(plan.standards ?? {});
  if (!gates.length) return null;
  const offered = (site: string) => plan.alternatives.some((a) => a.id.split("@y")[0] === `${site}:standard`);
  const kind = { stands: "good", missing: "bad", unrecorded: "warn", not_needed: "" } as Record<string, string>;
  return (
    <details class="left-out no-print"><summary><h3>{w.standard}</h3> <small class="dim">{gates.length}</small></summary><p class="dim">{w.standardLead}</p>
      {gates.map(([site, items]) => (
        <details key={site}><summary>{siteName(plan, site)} <small class="dim">{items.filter((i) => i.standing === "stands").length} / {items.filter((i) => i.standing !== "not_needed").length}</small></summary>
          <ul class="plain-list">{items.map((i) => <li key={i.zh}><span class={`tag ${kind[i.standing]}`}>{w.standing[i.standing]}</span> {i[lang.value]} <small class="dim">{i.standard}{i.measure === null ? ` · ${w.noMeasure}` : ""}</small></li>)}</ul>
          {offered(site) && <button type="button" class="button small" onClick={() => use(marked(plan.wish, "mandatory", `${site}:standard`))}>{w.toStandard}</button>}
        </details>
      ))}
    </details>
  );
}

/** What the place itself rules out. */
export function RuledOut({ plan }: { plan: Plan }) {
  const w = planWords.value;
  const rows = plan.ruled_out ?? [];
  if (!rows.length) return null;
  return (
    <details class="left-out no-print"><summary><h3>{w.ruledOut}</h3> <small class="dim">{rows.length}</small></summary>
      <ul class="plain-list">{rows.map((r) => <li key={r.site + r.measure}>{siteName(plan, r.site)}：{lang.value === "en" ? r.name_en : r.name} <small class="dim">{r.why[lang.value]}</small></li>)}</ul>
    </details>
  );
}
