// Which measures for the money? Budgets in, the proved plan out; pin, forbid, ask why, compare two plans, make cases.
import { useSignal } from "@preact/signals";
import { plans, type Wish } from "../api_plan";
import { useLoad } from "../load";
import { Maker } from "../plans/maker";
import { tickets } from "../plans/say";
import { Shown } from "../plans/shown";
import { go, view } from "../state";
import { may, power, session } from "../store";
import { Icon, Panel } from "../ui";
import { number, words } from "../words";
import { planWords } from "../words/plan";

const FIRST: Wish = { budgets: { 交警: 200000, 城管: 80000 }, mode: "expected" };

export function PlanPage() {
  if (!may("sites") || session.value?.rights.sites?.scope !== "all") return <div class="state"><Icon name="warn" /><p>{words.value.app.noRight}</p></div>;
  return <Screen />;
}

function Screen() {
  const w = planWords.value;
  // `12` is a plan, `12~9` is a plan beside another: both are links.
  const [item = "", second = ""] = (view.value.item ?? "").split("~");
  const { state, again } = useLoad(() => plans.list());
  const one = useLoad(() => ((view.value.item ?? "").split("~")[0] ? plans.one((view.value.item ?? "").split("~")[0]!) : null), () => (view.value.item ?? "").split("~")[0]);
  const two = useLoad(() => ((view.value.item ?? "").split("~")[1] ? plans.one((view.value.item ?? "").split("~")[1]!) : null), () => (view.value.item ?? "").split("~")[1]);
  const wish = useSignal<Wish>(FIRST);
  const use = (from: Wish) => {
    wish.value = from;
    document.querySelector(".plan-maker")?.scrollIntoView({ block: "start" });
  };
  const shown = item && one.state.value.kind === "ready" ? one.state.value.value : null;
  const rival = second && two.state.value.kind === "ready" ? two.state.value.value : null;
  const list = state.value.kind === "ready" ? state.value.value.plans : [];
  const drafts = ["propose", "edit", "approve", "sign"].includes(power("sites"));
  return (
    <div class="plan-page">
      <header class="page-head"><div><h1>{w.title}</h1><p class="dim">{w.lead}</p></div></header>
      {drafts && <Maker wish={wish.value} use={use} shown={shown} done={(no) => { again(); go({ item: no }); }} />}
      {item && <Panel state={one.state.value} again={one.again}>{(plan) => <Shown key={plan.id} plan={plan} rival={rival} others={list.filter((p) => p.id !== plan.id)} use={use} again={() => { again(); one.again(); }} />}</Panel>}
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
