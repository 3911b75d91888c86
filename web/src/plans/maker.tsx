// What does a planner wish for: budgets by department and year, aim, limits, marks; and how far is the search?
import { useSignal } from "@preact/signals";
import { plans, type Mode, type Plan, type Purse, type Wish } from "../api_plan";
import { sentence, tell } from "../store";
import { ActButton, Field, Icon } from "../ui";
import { number } from "../words";
import { planWords } from "../words/plan";
import { aimWords, amount, markName } from "./say";

const MODES: Mode[] = ["expected", "cautious", "robust", "net"];
const DEPARTMENTS = ["住建", "教体局", "交运", "街道", "学校", "园林"];
const LIMIT = "limit";

type Use = (w: Wish) => void;
interface Running { no: string; said: string; share: number | null }

/** Budgets of one year, or of the whole time. */
function Purses({ purse, set, label }: { purse: Purse; set: (p: Purse) => void; label?: string }) {
  const w = planWords.value;
  const next = DEPARTMENTS.find((d) => !(d in purse));
  return (
    <div class="row wrap" role="group" aria-label={label ?? w.budgets}>
      {label && <b class="year">{label}</b>}
      {Object.entries(purse).map(([department, yuan]) => (
        <Field key={department} label={department}>{(id) => <input id={id} type="number" min={0} step={1000} value={yuan} onInput={(e) => set({ ...purse, [department]: Math.round(Number(e.currentTarget.value) || 0) })} />}</Field>
      ))}
      {next && <button type="button" class="button small" onClick={() => set({ ...purse, [next]: 50000 })}><Icon name="plus" /> {w.addDepartment}</button>}
    </div>
  );
}

function Budgets({ wish, use }: { wish: Wish; use: Use }) {
  const w = planWords.value;
  const years = wish.years ?? [];
  const byYear = (on: boolean) => use(on ? { ...wish, budgets: {}, years: [half(wish.budgets), half(wish.budgets)] } : { ...wish, budgets: whole(years), years: [] });
  return (
    <fieldset><legend>{w.budgets}</legend>
      {years.length === 0 ? <Purses purse={wish.budgets} set={(budgets) => use({ ...wish, budgets })} />
        : years.map((p, i) => <Purses key={i} label={w.year(i + 1)} purse={p} set={(next) => use({ ...wish, years: years.map((o, k) => (k === i ? next : o)) })} />)}
      <div class="row wrap">
        <label class="check"><input type="checkbox" checked={years.length > 0} onChange={(e) => byYear(e.currentTarget.checked)} /> {w.byYear}</label>
        {years.length > 0 && years.length < 5 && <button type="button" class="link-button" onClick={() => use({ ...wish, years: [...years, { ...years[years.length - 1]! }] })}>{w.moreYears}</button>}
        {years.length > 1 && <button type="button" class="link-button" onClick={() => use({ ...wish, years: years.slice(0, -1) })}>{w.fewerYears}</button>}
      </div>
    </fieldset>
  );
}

const half = (p: Purse): Purse => Object.fromEntries(Object.entries(p).map(([d, y]) => [d, Math.round(y / 2)]));
const whole = (years: Purse[]): Purse => {
  const out: Purse = {};
  for (const p of years) for (const [d, y] of Object.entries(p)) out[d] = (out[d] ?? 0) + y;
  return out;
};

function More({ wish, use, shown }: { wish: Wish; use: Use; shown: Plan | null }) {
  const w = planWords.value;
  const first = useSignal("");
  const second = useSignal("");
  const limit = (wish.groups ?? []).find((g) => g.name === LIMIT);
  const bound = (key: "floor" | "cap", text: string) => {
    const next = { name: LIMIT, floor: limit?.floor ?? null, cap: limit?.cap ?? null, [key]: text === "" ? null : Math.round(Number(text)) };
    const others = (wish.groups ?? []).filter((g) => g.name !== LIMIT);
    use({ ...wish, groups: next.floor === null && next.cap === null ? others : [...others, next] });
  };
  const figure = (label: string, key: "horizon_years" | "rate" | "reserve_controls" | "gamma", by: { min: number; max: number; step: number; start: number }) => (
    <Field label={label}>{(id) => <input id={id} type="number" min={by.min} max={by.max} step={by.step} value={wish[key] ?? by.start} onInput={(e) => use({ ...wish, [key]: Number(e.currentTarget.value) })} />}</Field>
  );
  const sites = <>{shown?.needs.map((n) => <option key={n.site} value={n.site}>{n.name || n.site}</option>)}</>;
  return (
    <details class="more"><summary>{w.more}</summary>
      <div class="row wrap">
        {figure(w.horizon, "horizon_years", { min: 1, max: 30, step: 1, start: 5 })}
        {figure(w.rate, "rate", { min: 0, max: 0.5, step: 0.01, start: 0.05 })}
        {figure(w.reserve, "reserve_controls", { min: 0, max: 1, step: 0.1, start: 0.2 })}
        {(["floor", "cap"] as const).map((key) => <Field key={key} label={w[key]}>{(id) => <input id={id} type="number" min={0} placeholder={w.noLimit} value={limit?.[key] ?? ""} onInput={(e) => bound(key, e.currentTarget.value)} />}</Field>)}
      </div>
      <div class="row wrap">
        <label class="check"><input type="checkbox" checked={wish.price_staff ?? true} onChange={(e) => use({ ...wish, price_staff: e.currentTarget.checked })} /> {w.staff}</label>
        <label class="check"><input type="checkbox" checked={(wish.gap_limit ?? 0) === 0} onChange={(e) => use({ ...wish, gap_limit: e.currentTarget.checked ? 0 : 0.001 })} /> {w.proof}</label>
      </div>
      {shown ? (
        <div class="row wrap">
          <Field label={w.dependency}>{(id) => <select id={id} value={first.value} onChange={(e) => (first.value = e.currentTarget.value)}><option value="" />{sites}</select>}</Field>
          <Field label={w.dependOn}>{(id) => <select id={id} value={second.value} onChange={(e) => (second.value = e.currentTarget.value)}><option value="" />{sites}</select>}</Field>
          <button type="button" class="button small" disabled={!first.value || !second.value || first.value === second.value} onClick={() => use({ ...wish, prerequisites: [...(wish.prerequisites ?? []), [first.value, second.value]] })}>{w.addDependency}</button>
        </div>
      ) : <p class="hint">{w.sitesHint}</p>}
    </details>
  );
}

function Marks({ wish, use, shown }: { wish: Wish; use: Use; shown: Plan | null }) {
  const w = planWords.value;
  const said = (mark: string) => (shown ? markName(shown, mark) : mark);
  const one = (words: string, free: () => void) => <span class="tag mark" key={words}>{words} <button type="button" class="link-button" onClick={free}>{w.free}</button></span>;
  const list = (key: "mandatory" | "forbidden", word: string) => (wish[key] ?? []).map((mark) => one(`${word}：${said(mark)}`, () => use({ ...wish, [key]: (wish[key] ?? []).filter((x) => x !== mark) })));
  const pairs = (wish.prerequisites ?? []).map((pair) => one(w.req.requires(said(pair[0]), said(pair[1])), () => use({ ...wish, prerequisites: (wish.prerequisites ?? []).filter((x) => x !== pair) })));
  const all = [...list("mandatory", w.pin), ...list("forbidden", w.forbid), ...pairs];
  return all.length ? <div class="row wrap marks" role="group" aria-label={w.marks}>{all}</div> : null;
}

export function Maker({ wish, use, shown, done }: { wish: Wish; use: Use; shown: Plan | null; done: (no: string) => void }) {
  const w = planWords.value;
  const name = useSignal("");
  const sites = useSignal(60);
  const running = useSignal<Running | null>(null);
  const make = async () => {
    try {
      const { job } = await plans.make(name.value, { seed: 1, ...wish }, sites.value);
      for (;;) {
        const now = await plans.job(job);
        if (now.state === "done") { running.value = null; done(now.message); return; }
        if (now.state !== "running") throw new Error(now.message);
        const share = now.total ? now.done / now.total : null;
        const [, best, bound] = /^solving (-?\d+)\/(-?\d+)$/.exec(now.stage) ?? [];
        const solving = bound ? aimWords(wish).bestOf(amount(wish, Number(best)), amount(wish, Number(bound))) : w.solving;
        running.value = { no: job, share, said: now.stage.startsWith("solving") ? solving : `${w.loading} ${number(now.done)} / ${number(now.total)}` };
        await new Promise((next) => setTimeout(next, 300));
      }
    } catch (why) {
      running.value = null;
      tell(sentence(why), "bad");
    }
  };
  return (
    <section class="card no-print plan-maker">
      <Budgets wish={wish} use={use} />
      <div class="row wrap">
        <Field label={w.name}>{(id) => <input id={id} value={name.value} onInput={(e) => (name.value = e.currentTarget.value)} />}</Field>
        <Field label={w.mode}>{(id) => <select id={id} value={wish.mode} onChange={(e) => use({ ...wish, mode: e.currentTarget.value as Mode })}>{MODES.map((m) => <option key={m} value={m}>{w.modes[m]}</option>)}</select>}</Field>
        {wish.mode === "net" && <Field label={w.value}>{(id) => <input id={id} type="number" min={1} value={wish.value_per_ticket ?? ""} onInput={(e) => use({ ...wish, value_per_ticket: Number(e.currentTarget.value) })} />}</Field>}
        {wish.mode === "robust" && <Field label={w.gamma}>{(id) => <input id={id} type="number" min={0} max={50} value={wish.gamma ?? 2} onInput={(e) => use({ ...wish, gamma: Math.round(Number(e.currentTarget.value)) })} />}</Field>}
        <Field label={w.sites}>{(id) => <input id={id} type="number" min={1} max={300} value={sites.value} onInput={(e) => (sites.value = Number(e.currentTarget.value) || 60)} />}</Field>
      </div>
      <More wish={wish} use={use} shown={shown} />
      <Marks wish={wish} use={use} shown={shown} />
      <div class="row wrap">
        <ActButton class="primary" act={make}>{w.make}</ActButton>
        {running.value && <>
          <span role="status">{running.value.said}</span>
          {running.value.share !== null && <progress value={running.value.share} max={1} aria-label={w.make} />}
          <button type="button" class="button small" onClick={() => running.value && void plans.stop(running.value.no)}>{w.stop}</button>
        </>}
      </div>
    </section>
  );
}
