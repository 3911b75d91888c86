// Which measures for the money? Budgets in, the proved plan out; pin, forbid, ask why, compare two plans, make cases.
import { useSignal } from "@preact/signals";
import { plans, type Mode, type Plan, type Wish, type Work } from "../api_plan";
import { Frontier } from "../charts/frontier";
import { useLoad } from "../load";
import { MiniMap } from "../mini_map";
import { go, view } from "../state";
import { may, sentence, session, tell } from "../store";
import { ActButton, Dialog, Field, Icon, Panel } from "../ui";
import { lang, number, words } from "../words";
import { planWords } from "../words/plan";

const FIRST: Wish = { budgets: { 交警: 200000, 城管: 80000 }, mode: "expected" };
const MODES: Mode[] = ["expected", "cautious", "robust", "net"];
const tickets = (thousandths: number) => number(thousandths / 1000);

export function PlanPage() {
  if (!may("sites") || session.value?.rights.sites?.scope !== "all") return <div class="state"><Icon name="warn" /><p>{words.value.app.noRight}</p></div>;
  return <Screen />;
}

function Screen() {
  const w = planWords.value;
  const item = view.value.item;
  const { state, again } = useLoad(() => plans.list());
  const wish = useSignal<Wish>(FIRST);
  const use = (from: Wish) => (wish.value = from);
  return (
    <div class="plan-page">
      <header class="page-head"><div><h1>{w.title}</h1><p class="dim">{w.lead}</p></div></header>
      <Maker wish={wish.value} use={use} done={(no) => { again(); go({ item: no }); }} />
      {item && <Shown key={item} no={item} others={state.value.kind === "ready" ? state.value.value.plans.map((p) => p.id) : []} use={use} />}
      <section class="card no-print">
        <h2>{w.plans}</h2>
        <Panel state={state.value} again={again} empty={(v) => (v.plans.length ? null : <p class="dim">{w.none}</p>)}>
          {({ plans: rows }) => (
            <div class="scroll" tabIndex={0} role="group" aria-label={w.plans}>
              <table class="plain"><tbody>{rows.map((p) => (
                <tr key={p.id}>
                  <th scope="row"><a href={`#/plan?item=${p.id}`} onClick={(e) => { e.preventDefault(); go({ item: p.id }); }}>{p.name || `#${p.id}`}</a></th>
                  <td>{w.status[p.status]}</td><td class="num">{tickets(p.benefit)}</td><td class="num">¥{number(p.cost)}</td><td>{p.created_by}</td><td>{p.adopted_by ? w.adopted : ""}</td>
                </tr>))}
              </tbody></table>
            </div>
          )}
        </Panel>
      </section>
    </div>
  );
}

function Maker({ wish, use, done }: { wish: Wish; use: (w: Wish) => void; done: (no: string) => void }) {
  const w = planWords.value;
  const name = useSignal("");
  const sites = useSignal(60);
  const running = useSignal<{ no: string; said: string } | null>(null);
  const set = (department: string, yuan: number) => use({ ...wish, budgets: { ...wish.budgets, [department]: yuan } });
  const make = async () => {
    try {
      const { job } = await plans.make(name.value, { ...wish, seed: 1 }, sites.value);
      for (;;) {
        const now = await plans.job(job);
        if (now.state === "done") { running.value = null; done(now.message); return; }
        if (now.state !== "running") throw new Error(now.message);
        running.value = { no: job, said: now.total ? `${now.stage} ${tickets(now.done)} / ${tickets(now.total)}` : now.stage };
        await new Promise((next) => setTimeout(next, 400));
      }
    } catch (why) {
      running.value = null;
      tell(sentence(why), "bad");
    }
  };
  const stop = () => fetchStop(running.value?.no);
  return (
    <section class="card no-print plan-maker">
      <fieldset><legend>{w.budgets}</legend>
        <div class="row wrap">
          {Object.entries(wish.budgets).map(([department, yuan]) => (
            <Field key={department} label={department}>{(id) => <input id={id} type="number" min={0} step={1000} value={yuan} onInput={(e) => set(department, Math.max(0, Math.round(Number(e.currentTarget.value) || 0)))} />}</Field>
          ))}
          <button type="button" class="button small" onClick={() => { const d = ["住建", "教体局", "交运", "街道", "学校", "园林"].find((x) => !(x in wish.budgets)); if (d) set(d, 50000); }}><Icon name="plus" /> {w.addDepartment}</button>
        </div>
      </fieldset>
      <div class="row wrap">
        <Field label={w.name}>{(id) => <input id={id} value={name.value} onInput={(e) => (name.value = e.currentTarget.value)} />}</Field>
        <Field label={w.mode}>{(id) => <select id={id} value={wish.mode} onChange={(e) => use({ ...wish, mode: e.currentTarget.value as Mode })}>{MODES.map((m) => <option key={m} value={m}>{w.modes[m]}</option>)}</select>}</Field>
        {wish.mode === "net" && <Field label={w.value}>{(id) => <input id={id} type="number" min={1} value={wish.value_per_ticket ?? 500} onInput={(e) => use({ ...wish, value_per_ticket: Number(e.currentTarget.value) })} />}</Field>}
        <Field label={w.sites}>{(id) => <input id={id} type="number" min={1} max={300} value={sites.value} onInput={(e) => (sites.value = Number(e.currentTarget.value) || 60)} />}</Field>
        <ActButton class="primary" act={make}>{w.make}</ActButton>
        {running.value && <><span role="status">{running.value.said}</span><button type="button" class="button small" onClick={stop}>{w.stop}</button></>}
      </div>
      {[...(wish.mandatory ?? []).map((m) => [w.pin, m, "mandatory"] as const), ...(wish.forbidden ?? []).map((m) => [w.forbid, m, "forbidden"] as const)].map(([word, mark, key]) => (
        <span class="tag" key={key + mark}>{word}：{mark} <button type="button" class="link-button" onClick={() => use({ ...wish, [key]: (wish[key] ?? []).filter((x) => x !== mark) })}>{w.free}</button></span>
      ))}
    </section>
  );
}

const fetchStop = (no: string | undefined) => no && plans.stop(no);

function Shown({ no, others, use }: { no: string; others: string[]; use: (w: Wish) => void }) {
  const w = planWords.value;
  const { state, again } = useLoad(() => plans.one(no));
  const other = useSignal("");
  const second = useLoad(() => (other.value ? plans.one(other.value) : null), () => other.value);
  const rival = other.value && second.state.value.kind === "ready" ? second.state.value.value : null;
  const adopt = async () => {
    try {
      const { cases } = await plans.adopt(no);
      tell(w.cases(cases.length));
      again();
    } catch (why) { tell(sentence(why), "bad"); }
  };
  return (
    <Panel state={state.value} again={again}>
      {(plan) => (
        <article class="card plan-sheet">
          <header class="page-head">
            <h2>{plan.name || `#${plan.id}`} <span class={`tag ${plan.plan.status === "optimal" ? "good" : "warn"}`}>{w.status[plan.plan.status]}{plan.plan.gap > 0 ? ` ≤ ${(plan.plan.gap * 100).toFixed(2)} %` : ""}</span>{plan.simulated && <span class="tag warn">{w.simulated}</span>}</h2>
            <div class="row no-print">
              <select aria-label={w.compare} value={other.value} onChange={(e) => (other.value = e.currentTarget.value)}><option value="">{w.compare}：{w.compareNone}</option>{others.filter((o) => o !== no).map((o) => <option key={o} value={o}>#{o}</option>)}</select>
              <button type="button" class="button small" onClick={() => use({ ...plan.wish })}>{w.again}</button>
              <button type="button" class="button small" onClick={() => print()}>{w.print}</button>
              {plan.adopted_by ? <span class="tag good">{w.adopted}</span> : <ActButton class="small primary" act={adopt} disabled={!plan.works.length}>{w.adopt}</ActButton>}
            </div>
          </header>
          <div class={rival ? "two" : ""}>
            <One plan={plan} rival={rival} use={use} />
            {rival && <One plan={rival} rival={plan} use={use} />}
          </div>
          <p class="dim">{w.defaultPrice}</p>
        </article>
      )}
    </Panel>
  );
}

function One({ plan, rival, use }: { plan: Plan; rival: Plan | null; use: (w: Wish) => void }) {
  const w = planWords.value;
  const made = plan.plan;
  const spots = plan.works.flatMap((x, i) => (x.point ? [{ point: x.point, label: String(i + 1), title: x.name }] : []));
  return (
    <div>
      <p><b>{tickets(made.benefit)}</b> {w.benefit} · <b>¥{number(made.cost)}</b> {w.cost} · {w.ranking(tickets(made.benefit - made.ranking.benefit))}</p>
      {made.status === "infeasible" && <div role="alert" class="notice bad"><p>{w.conflict}：{made.conflict.join("、")}</p><p>{w.repair} {Object.entries(made.repair_extra).map(([d, y]) => `${d} ¥${number(y)}`).join("、") || "–"} {made.repair_dropped.length ? `${w.drop} ${made.repair_dropped.join("、")}` : ""}</p></div>}
      {made.without_budget.length > 0 && <p class="dim">{w.without}{made.without_budget.join("、")}</p>}
      <table class="plain"><thead><tr><th scope="col">{w.budgets}</th><th scope="col" class="num">{w.budget}</th><th scope="col" class="num">{w.spent}</th><th scope="col" class="num">{w.margin}</th></tr></thead>
        <tbody>{made.tills.map((t) => <tr key={t.department}><th scope="row">{t.department}</th><td class="num">{number(t.budget)}</td><td class="num">{number(t.spent)}</td><td class="num">{t.binds ? t.per_10000.toFixed(2) : w.slack}</td></tr>)}</tbody></table>
      <h3>{w.frontier}</h3>
      <Frontier points={made.frontier} label={w.frontier} pick={(m) => use({ ...plan.wish, budgets: Object.fromEntries(Object.entries(plan.wish.budgets).map(([d, y]) => [d, Math.round((y * m.percent) / 100)])) })} />
      {spots.length > 0 && <MiniMap spots={spots} roads={[]} label={w.map} />}
      <Works plan={plan} rival={rival} use={use} />
      {made.controls.length > 0 && <p class="dim">{w.controls}：{made.controls.map((c) => plan.needs.find((n) => n.site === c.control)?.name ?? c.control).join("、")}</p>}
    </div>
  );
}

function Works({ plan, rival, use }: { plan: Plan; rival: Plan | null; use: (w: Wish) => void }) {
  const w = planWords.value;
  const asked = useSignal<{ title: string; lines: string[] } | null>(null);
  const mark = (key: "mandatory" | "forbidden", id: string) => use({ ...plan.wish, [key]: [...(plan.wish[key] ?? []), id] });
  const why = async (work: Work) => {
    try {
      const { why: y } = await plans.explain(plan.id, work.id);
      const lines = [y.inside ? w.whyIn(tickets(y.loss)) : w.whyOut(tickets(y.loss))];
      if (y.enters.length) lines.push(`${w.replaces}${y.enters.join("、")}`);
      if (y.leaves.length) lines.push(`${w.leaves}${y.leaves.join("、")}`);
      if (!y.possible) lines.push(`${w.blocked}${y.forbidden_by.join("、")}`);
      asked.value = { title: work.name, lines };
    } catch (e) { tell(sentence(e), "bad"); }
  };
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={w.measures}>
      <table class="plain">
        <thead><tr><th scope="col">#</th><th scope="col">{w.site}</th><th scope="col">{w.measures}</th><th scope="col" class="num">{w.cost}</th><th scope="col" class="num">{w.benefit}</th><th scope="col">{w.range}</th><th scope="col">{w.stability}</th><th scope="col">{w.evidence}</th><th scope="col">{w.evaluate}</th><th class="no-print" /></tr></thead>
        <tbody>{plan.works.map((x, i) => (
          <tr key={x.id} class={rival && !rival.works.some((r) => r.id === x.id) ? "differs" : ""}>
            <td>{i + 1}</td><th scope="row">{x.name}{rival && !rival.works.some((r) => r.id === x.id) && <> <span class="tag warn">{w.only}</span></>}</th>
            <td>{x.measures.map((m) => `${lang.value === "en" ? m.name_en : m.name}（${m.department}）`).join("、")}</td>
            <td class="num">¥{number(Object.values(x.cost).reduce((a, b) => a + b, 0))}</td><td class="num">{tickets(x.benefit)}</td><td>{tickets(x.benefit_low)}–{tickets(x.benefit_high)}</td>
            <td>{x.stability === null ? "–" : `${Math.round(x.stability * 100)} %`}{x.doubtful && <> <span class="tag warn">{w.doubtful}</span></>}</td>
            <td>{x.measures.map((m) => m.evidence).join(" ")}</td><td>{w.days(x.evaluate_after_days)}</td>
            <td class="no-print"><div class="row"><button type="button" class="link-button" onClick={() => mark("mandatory", x.id)}>{w.pin}</button><button type="button" class="link-button" onClick={() => mark("forbidden", x.id)}>{w.forbid}</button><button type="button" class="link-button" onClick={() => why(x)}>{w.why}</button></div></td>
          </tr>))}
        </tbody>
      </table>
      {asked.value && <Dialog title={asked.value.title} onClose={() => (asked.value = null)}>{asked.value.lines.map((l) => <p key={l}>{l}</p>)}</Dialog>}
    </div>
  );
}
