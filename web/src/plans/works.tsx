// What is in the plan, what was left out, and why?
import { useSignal } from "@preact/signals";
import { plans, type Alternative, type Plan, type Wish, type Work } from "../api_plan";
import { sentence, tell } from "../store";
import { Dialog } from "../ui";
import { decimal, lang, number, percent } from "../words";
import { planWords } from "../words/plan";
import { aimWords, amount, markName, measureNames, requirement, tickets, yuanOf } from "./say";

export type Use = (w: Wish) => void;

/** Asks why an alternative is in or out and puts the answer into sentences. */
export function useWhy(plan: Plan) {
  const asked = useSignal<{ title: string; lines: string[] } | null>(null);
  const ask = async (id: string) => {
    const w = aimWords(plan.wish);
    const join = (ids: string[]) => ids.map((x) => markName(plan, x)).join(lang.value === "en" ? "; " : "；");
    try {
      const { why: y } = await plans.explain(plan.id, id);
      const lines: string[] = [];
      // The draw decided, or the search was stopped: the plan shown is then not the best one, and the opposite may bring more.
      if (y.drawn) lines.push(y.inside ? w.lotIn(markName(plan, y.drawn.would_be)) : w.lotOut(markName(plan, y.drawn.treated)));
      const [inWords, outWords] = y.loss < 0 ? [w.whyInMore, w.whyOutMore] : [w.whyIn, w.whyOut];
      if (y.possible) lines.push((y.inside ? inWords : outWords)(amount(plan.wish, Math.abs(y.loss))) + (y.proved ? "" : w.about));
      if (!y.best && y.possible) lines.push(w.notBest);
      if (y.enters.length) lines.push(w.replaces + join(y.enters));
      if (y.leaves.length) lines.push(w.leaves + join(y.leaves));
      if (!y.possible && !y.forbidden_by.length) lines.push(w.unsettled);
      if (!y.possible && y.forbidden_by.length) lines.push(w.blocked + y.forbidden_by.map((r) => requirement(plan, r)).join("、"));
      if (y.without_budget.length) lines.push(w.noPurse + y.without_budget.join("、"));
      if (!y.inside && plan.plan.frontier.length) lines.push(y.enters_at === null ? w.entersNever : w.entersAt(y.enters_at));
      asked.value = { title: markName(plan, id), lines };
    } catch (e) { tell(sentence(e), "bad"); }
  };
  const dialog = asked.value && <Dialog title={asked.value.title} onClose={() => (asked.value = null)}><div class="dialog-body">{asked.value.lines.map((l) => <p key={l}>{l}</p>)}</div></Dialog>;
  return { ask, dialog };
}

/** The wish with a mark added; the same mark is not put twice. */
export const marked = (wish: Wish, key: "mandatory" | "forbidden", id: string): Wish => ({ ...wish, [key]: [...(wish[key] ?? []).filter((x) => x !== id), id] });

/** Share of draws in which a site is treated with any of its alternatives. */
const treated = (plan: Plan, site: string) => Object.entries(plan.plan.stability ?? {}).filter(([id]) => id.startsWith(`${site}:`)).reduce((sum, [, share]) => sum + share, 0);

const base = (id: string) => id.split("@y")[0]!;

export function Works({ plan, rival, use }: { plan: Plan; rival: Plan | null; use: Use }) {
  const w = planWords.value;
  const { ask, dialog } = useWhy(plan);
  const guarded = plan.wish.mode === "cautious" || plan.wish.mode === "robust";
  const only = (x: Work) => rival && !rival.works.some((r) => base(r.id) === base(x.id));
  if (!plan.works.length) return <p class="dim">{w.nothing}</p>;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={w.measures}>
      <table class="plain works-table">
        <thead><tr><th scope="col">#</th><th scope="col">{w.site}</th><th scope="col">{w.measures}</th><th scope="col" class="num">{w.cost}</th><th scope="col" class="num">{w.gain}</th><th scope="col" class="num">{w.perYear}</th><th scope="col">{w.stability}</th><th scope="col">{w.evaluate}</th><th class="no-print" /></tr></thead>
        <tbody>{plan.works.map((x, i) => (
          <tr key={x.id} id={`work-${x.site}`} class={only(x) ? "differs" : ""}>
            <td>{i + 1}</td><th scope="row">{x.name}{only(x) && <> <span class="tag warn">{w.only}</span></>}</th>
            <td>{x.standard && <span class="tag on">{w.standardBundle}</span>} {x.measures.map((m) => (lang.value === "en" ? m.name_en : m.name)).join(lang.value === "en" ? ", " : "、")}
              {x.remarks?.some((r) => r[lang.value]) && <details class="remarks"><summary>{w.remarks}</summary>{x.remarks.filter((r) => r[lang.value]).map((r) => <p key={r.en}>{r[lang.value]}</p>)}</details>}</td>
            <td class="num">¥{number(yuanOf(x.cost))}</td><td class="num">{tickets(x.benefit)}{guarded && <><br /><small class="nowrap">{w.least} {tickets(Math.min(x.benefit_low, x.benefit))}</small></>}</td>
            <td class="num">{decimal(x.prevented_a_year)}<br /><small>{decimal(x.prevented_low)}–{decimal(x.prevented_high)}</small></td>
            <td class="nowrap">{x.stability === null ? "–" : percent(x.stability)}{x.doubtful && <> <span class="tag warn">{w.doubtful}</span></>}{x.stability !== null && <><br /><small class="dim">{w.siteStability} {percent(treated(plan, x.site))}</small></>}</td>
            <td class="nowrap">{x.evaluate_on}</td>
            <td class="no-print"><div class="row wrap">
              <button type="button" class="link-button" onClick={() => use(marked(plan.wish, "mandatory", base(x.id)))}>{w.pin}</button>
              <button type="button" class="link-button" onClick={() => use(marked(plan.wish, "forbidden", base(x.id)))}>{w.forbid}</button>
              <button type="button" class="link-button" onClick={() => use(marked(plan.wish, "mandatory", x.site))}>{w.pinSite}</button>
              <button type="button" class="link-button" onClick={() => use(marked(plan.wish, "forbidden", x.site))}>{w.forbidSite}</button>
              <button type="button" class="link-button" onClick={() => void ask(x.id)}>{w.why}</button>
            </div></td>
          </tr>))}
        </tbody>
      </table>
      {dialog}
    </div>
  );
}

/** All alternatives that are not chosen, by site; long, so it is opened site by site. */
export function LeftOut({ plan, use }: { plan: Plan; use: Use }) {
  const w = planWords.value;
  const { ask, dialog } = useWhy(plan);
  const chosen = new Set(plan.plan.chosen);
  const stood = plan.plan.stability ?? {};
  const groups = plan.needs.map((need, at) => ({ need, rest: plan.alternatives.filter((a) => a.site === at && !chosen.has(a.id)), treated: plan.works.some((x) => x.site === need.site) })).filter((g) => g.rest.length);
  const line = (a: Alternative) => (
    <tr key={a.id}>
      <td>{a.standard && <span class="tag on">{w.standardBundle}</span>} {measureNames(plan, a.measures)}{a.id.includes("@y") ? w.inYear(a.id.split("@y")[1]!) : ""}</td>
      <td class="num">¥{number(yuanOf(a.cost))}</td><td class="num">{tickets(a.benefit)}</td><td>{stood[a.id] === undefined ? "–" : percent(stood[a.id])}</td>
      <td class="no-print"><div class="row"><button type="button" class="link-button" onClick={() => use(marked(plan.wish, "mandatory", base(a.id)))}>{w.pin}</button><button type="button" class="link-button" onClick={() => void ask(a.id)}>{w.whyNot}</button></div></td>
    </tr>
  );
  return (
    <details class="left-out no-print"><summary><h3>{w.others}</h3> <small class="dim">{number(groups.reduce((sum, g) => sum + g.rest.length, 0))}</small></summary><p class="dim">{w.othersLead}</p>
      {groups.map(({ need, rest, treated }) => (
        <details key={need.site}><summary>{need.name || need.site} <small class="dim">{rest.length}</small>{!treated && <> <span class="tag">{w.untreated}</span></>}</summary>
          <div class="scroll"><table class="plain"><thead><tr><th scope="col">{w.measures}</th><th scope="col" class="num">{w.cost}</th><th scope="col" class="num">{w.gain}</th><th scope="col">{w.stability}</th><th class="no-print" /></tr></thead><tbody>{rest.map(line)}</tbody></table></div>
        </details>
      ))}
      {dialog}
    </details>
  );
}
