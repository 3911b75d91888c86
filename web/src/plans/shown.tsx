// What does a plan look like: its figures, what binds, its map and frontier, its works and promises, beside another plan if asked?
import { useSignal } from "@preact/signals";
import { plans, type Money, type Plan, type Till, type Wish } from "../api_plan";
import { Frontier } from "../charts/frontier";
import type { PlanSpot, Role } from "../layers/plan";
import { go } from "../state";
import { power, sentence, tell } from "../store";
import { ActButton, Dialog, Field } from "../ui";
import { number } from "../words";
import { planWords } from "../words/plan";
import { MapBox } from "./map_box";
import { Controls, Promises, RuledOut, Standards } from "./promises";
import { aimName, aimWords, amount, expectedOf, markName, measureNames, requirement, tickets } from "./say";
import { LeftOut, Works, type Use } from "./works";

const site = (id: string) => id.slice(0, id.indexOf(":"));

export function Shown({ plan, rival, others, use, again }: { plan: Plan; rival: Plan | null; others: { id: string; name: string }[]; use: Use; again: () => void }) {
  const w = planWords.value;
  const made = plan.plan;
  const asking = useSignal(false);
  const reason = useSignal("");
  const adopt = async () => {
    try {
      const { cases } = await plans.adopt(plan.id, reason.value);
      asking.value = false;
      tell(w.cases(cases.length));
      again();
    } catch (why) { tell(sentence(why), "bad"); }
  };
  const copy = () => navigator.clipboard.writeText(location.href).then(() => tell(w.copied), (why: unknown) => tell(sentence(why), "bad"));
  const may = ["approve", "sign"].includes(power("sites"));
  return (
    <article class="card plan-sheet">
      <header class="page-head">
        <h2>{plan.name || `#${plan.id}`} <span class={`tag ${made.status === "optimal" ? "good" : "warn"}`}>{w.status[made.status]}{made.gap > 0 ? ` ≤ ${(made.gap * 100).toFixed(2)} %` : ""}</span>{made.stopped && <> <span class="tag warn">{w.stopped}</span></>}{plan.simulated && <> <span class="tag warn">{w.simulated}</span></>} <small class="dim">{plan.made_on}</small></h2>
        <div class="row wrap no-print">
          <select aria-label={w.compare} value={rival?.id ?? ""} onChange={(e) => go({ item: e.currentTarget.value ? `${plan.id}~${e.currentTarget.value}` : plan.id })}><option value="">{w.compare}：{w.compareNone}</option>{others.map((o) => <option key={o.id} value={o.id}>{o.name || `#${o.id}`}</option>)}</select>
          <button type="button" class="button small" onClick={() => use({ ...plan.wish })}>{w.again}</button>
          <button type="button" class="button small" onClick={() => print()}>{w.print}</button>
          <a class="button small" href={plans.workbook(plan.id)} download>{w.workbook}</a>
          <a class="button small" href={plans.geojson(plan.id)} download={`plan-${plan.id}.geojson`}>{w.mapFile}</a>
          <button type="button" class="button small" onClick={copy}>{w.copy}</button>
          {plan.adopted_by ? <span class="tag good">{w.adopted}</span> : may ? <button type="button" class="button small primary" disabled={!plan.works.length} onClick={() => (asking.value = true)}>{w.adopt}</button> : <span class="dim">{w.leaderAdopts}</span>}
        </div>
      </header>
      {asking.value && (
        <Dialog title={w.adopt} onClose={() => (asking.value = false)}>
          <p>{w.adoptLead(plan.works.length)}</p>
          <Field label={w.adoptReason}>{(id) => <input id={id} maxLength={200} value={reason.value} onInput={(e) => (reason.value = e.currentTarget.value)} />}</Field>
          <div class="row"><ActButton class="primary" act={adopt} disabled={!reason.value.trim()}>{w.adopt}</ActButton></div>
        </Dialog>)}
      <div class={rival ? "two" : ""}>
        <One plan={plan} rival={rival} use={use} />
        {rival && <One plan={rival} rival={plan} use={use} />}
      </div>
      {!rival && <>
        <Promises plan={plan} />
        <Controls plan={plan} />
        <LeftOut plan={plan} use={use} />
        <Standards plan={plan} use={use} />
        <RuledOut plan={plan} />
      </>}
      <p class="dim">{w.defaultPrice} {made.work && w.madeLine(plan.engine ?? "", made.seed ?? 0, number(made.work[0]), number(made.work[1]))}；{aimWords(plan.wish).bound(amount(plan.wish, made.bound), (made.gap * 100).toFixed(3))}</p>
    </article>
  );
}

/** What money does: one sentence for each budget. */
function binds(wish: Wish, t: Till): string | null {
  const w = aimWords(wish);
  const name = t.year ? `${t.department} ${w.year(t.year)}` : t.department;
  if (t.more === null || t.more === undefined) return null;
  if (!t.asked) return t.more > 0 ? w.opens(name, amount(wish, t.more)) : null;
  if (t.more > 0) return w.moreBrings(name, amount(wish, t.more));
  return t.budget - t.spent >= 10_000 ? w.rich(name, number(t.budget - t.spent)) : w.moreNothing(name);
}

function Conflict({ plan }: { plan: Plan }) {
  const w = planWords.value;
  const made = plan.plan;
  const money = Object.entries(made.repair_extra).map(([d, y]) => `${requirement(plan, `budget:${d}`)} ¥${number(y)}`);
  return (
    <div role="alert" class="notice bad"><p>{w.conflict}：</p><ul class="plain-list">{made.conflict.map((c) => <li key={c}>{requirement(plan, c)}</li>)}</ul>
      <p>{w.repair}：{money.length > 0 && `${w.repairMoney} ${money.join("、")}`}{made.repair_dropped.length > 0 && `${w.drop} ${made.repair_dropped.map((r) => requirement(plan, r)).join("、")}`}；{aimWords(plan.wish).then(amount(plan.wish, made.repaired_benefit ?? 0))}</p>
      {made.repaired.length > 0 && <ul class="plain-list">{made.repaired.map((id) => <li key={id}>{markName(plan, id)}</li>)}</ul>}
    </div>
  );
}

/** Marks on the map: as planned, under another budget, or beside another plan. */
function spotsOf(plan: Plan, rival: Plan | null, tried: Money | null): PlanSpot[] {
  const number = new Map(plan.works.map((x, i) => [x.site, String(i + 1)]));
  const at = (id: string) => plan.needs.find((n) => n.site === id);
  const spot = (id: string, role: Role, title: string, label: string): PlanSpot[] => {
    const need = at(id) ?? rival?.needs.find((n) => n.site === id);
    return need?.point ? [{ id, point: need.point, role, title: `${need.name}${title ? `：${title}` : ""}`, label }] : [];
  };
  const said = new Map(plan.alternatives.map((a) => [a.id, measureNames(plan, a.measures)]));
  const own = new Set(plan.works.map((x) => x.site));
  if (tried) {
    const next = new Map(tried.chosen.map((id) => [site(id), id]));
    return [
      ...[...own].filter((s) => !next.has(s)).flatMap((s) => spot(s, "gone", "", number.get(s) ?? "")),
      ...[...next].flatMap(([s, id]) => spot(s, own.has(s) ? "chosen" : "new", said.get(id) ?? "", number.get(s) ?? "+")),
    ];
  }
  const theirs = new Set(rival?.works.map((x) => x.site));
  return [
    ...plan.plan.controls.flatMap((c) => spot(c.control, "control", planWords.value.control, "")),
    ...(rival?.works ?? []).filter((x) => !own.has(x.site)).flatMap((x) => spot(x.site, "there", "", "–")),
    ...plan.works.flatMap((x, i) => spot(x.site, rival && !theirs.has(x.site) ? "here" : "chosen", said.get(x.id) ?? "", String(i + 1))),
  ];
}

function One({ plan, rival, use }: { plan: Plan; rival: Plan | null; use: Use }) {
  const w = planWords.value;
  const made = plan.plan;
  const percent = useSignal(100);
  const tried = percent.value === 100 ? null : (made.frontier.find((m) => m.percent === percent.value) ?? null);
  const scaled = (m: Money) => {
    const by = (p: Record<string, number>) => Object.fromEntries(Object.entries(p).map(([d, y]) => [d, Math.round((y * m.percent) / 100)]));
    use({ ...plan.wish, budgets: by(plan.wish.budgets), years: (plan.wish.years ?? []).map(by) });
  };
  const said = aimWords(plan.wish);
  // A plan that aims at another figure than the expected one shows both: its rows are expected values.
  const other = (plan.wish.mode ?? "expected") !== "expected";
  const given = made.optimum === undefined ? 0 : made.optimum - made.benefit;
  const own = new Set(plan.works.map((x) => x.site));
  const next = new Set(tried?.chosen.map(site));
  const years = (plan.wish.years ?? []).length > 0;
  return (
    <div class="plan-one">
      {rival && <h3>{plan.name || `#${plan.id}`}</h3>}
      <p class="figures">{aimName(plan.wish)} <b>{amount(plan.wish, made.benefit)}</b>{other && ` · ${w.expectedSum(tickets(expectedOf(plan)))}`} · {w.cost} <b>¥{number(made.cost)}</b>{made.staff_cost > 0 && ` · ${w.ofStaff(number(made.staff_cost))}`} · {said.ranking(amount(plan.wish, (made.optimum ?? made.benefit) - made.ranking.benefit))}{given > 0 && ` · ${said.gaveUp(amount(plan.wish, given))}`}</p>
      {other && <p class="dim">{w.sameAim}</p>}
      {made.status === "infeasible" && <Conflict plan={plan} />}
      <div class={rival ? "" : "plan-split"}>
        <MapBox spots={spotsOf(plan, rival, tried)} label={w.map} pick={(s) => document.getElementById(`work-${s}`)?.scrollIntoView({ block: "center" })} />
        <div>
          <div class="scroll"><table class="plain"><thead><tr><th scope="col">{w.department}</th><th scope="col" class="num">{w.budget}</th><th scope="col" class="num">{w.spent}</th><th scope="col" class="num">{w.left}</th></tr></thead>
            <tbody>{made.tills.filter((t) => t.asked !== false).map((t) => <tr key={t.department + t.year}><th scope="row">{t.department}{years && t.year ? ` ${w.year(t.year)}` : ""}</th><td class="num">{number(t.budget)}</td><td class="num">{number(t.spent)}</td><td class="num">{number(t.budget - t.spent)}</td></tr>)}</tbody></table></div>
          <section class="binds"><h3>{w.whatBinds}</h3><ul class="plain-list">{[...made.tills].sort((a, b) => Number(b.asked) - Number(a.asked) || (b.more ?? 0) - (a.more ?? 0)).map((t) => [t, binds(plan.wish, t)] as const).filter((b) => b[1]).map(([t, said]) => <li key={t.department + t.year}>{said}</li>)}</ul></section>
          {made.frontier.length > 1 && <section><h3>{w.frontier}</h3>
            <Frontier points={made.frontier} label={other ? `${w.frontier} · ${aimName(plan.wish)}` : w.frontier} say={(n) => amount(plan.wish, n)} at={percent.value} pick={(m) => (percent.value = m.percent)} />
            <div class="row wrap no-print">
              <label class="row slide">{w.slide} <input type="range" min={0} max={200} step={10} value={percent.value} onInput={(e) => (percent.value = Number(e.currentTarget.value))} /></label>
              {tried && <><span role="status">{said.slideSays(tried.percent, number(tried.allowed), amount(plan.wish, tried.benefit))} · {w.slideNew([...next].filter((s) => !own.has(s)).length, [...own].filter((s) => !next.has(s)).length)}</span>
                <button type="button" class="button small" onClick={() => scaled(tried)}>{w.useBudget}</button></>}
            </div>
          </section>}
        </div>
      </div>
      <h3>{w.measures}</h3>
      <Works plan={plan} rival={rival} use={use} />
    </div>
  );
}
