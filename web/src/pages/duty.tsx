// Who stands where in the month: make a roster, see it, publish it, note an absence, swap, explain, print?
import { useSignal } from "@preact/signals";
import { duty, type RosterHead, type SchoolRow } from "../api_duty";
import { useLoad } from "../load";
import { go, view } from "../state";
import { meta, sentence, session, tell } from "../store";
import { atLeast } from "../duty_rights";
import { ActButton, Field, Panel } from "../ui";
import { minute, number } from "../words";
import { dutyWords } from "../words/duty";
import { planWords } from "../words/plan";
import { CalendarPanel } from "../panels/duty_calendar";
import { OneRoster } from "../panels/duty_roster";
import { DutySheets } from "../panels/duty_sheets";
import { PeoplePanel } from "../panels/duty_people";
import { PatrolPanel } from "../panels/duty_patrol";
import { PostsPanel } from "../panels/duty_posts";

export function DutyPage() {
  const item = view.value.item;
  if (item?.startsWith("sheet:")) return <DutySheets of={item.slice(6)} />;
  if (item) return <OneRoster key={item} roster={item} />;
  return <List />;
}

function nextMonth(today: string): [string, string] {
  const [y, m] = today.split("-").map(Number) as [number, number];
  const first = new Date(Date.UTC(y, m, 1)).toISOString().slice(0, 10);
  const last = new Date(Date.UTC(y, m + 1, 0)).toISOString().slice(0, 10);
  return [first, last];
}

function List() {
  const w = dutyWords.value;
  const { state, again } = useLoad(() => duty.rosters());
  return (
    <div class="narrow">
      <header class="page-head"><div><h1>{w.duty.title}</h1><p class="dim">{w.duty.lead}</p></div><a class="button" href="#/wall">{w.duty.wall}</a></header>
      <Panel state={state.value} again={again}>
        {(got) => (
          <>
            {atLeast("propose") && <Make today={got.today} again={again} />}
            <section class="card">
              <h2>{w.duty.list}</h2>
              {got.rosters.length === 0 ? <p class="dim">{w.duty.none}</p> : (
                <table class="plain">
                  <tbody>{got.rosters.map((r) => <Line key={r.id} r={r} />)}</tbody>
                </table>
              )}
            </section>
            <PostsPanel today={got.today} />
            <PatrolPanel />
            <PeoplePanel />
            <CalendarPanel />
          </>
        )}
      </Panel>
    </div>
  );
}

function Line({ r }: { r: RosterHead }) {
  const w = dutyWords.value;
  return (
    <tr>
      <td><button type="button" class="text-button" onClick={() => go({ item: r.id })}>{r.from} – {r.to}</button></td>
      <td>{r.body.wish.squad || w.duty.all}</td>
      <td><span class={`tag ${r.state}`}>{w.states[r.state]}</span></td>
      <td>{w.proofs[r.body.status]}</td>
      <td class="dim">{r.created_by} · {minute(r.created_at)}</td>
    </tr>
  );
}

interface Demand { squad: string; must_cover: string[]; never_empty: boolean; rotate_weeks: number }

/** Schools that must be served, the hardest gates first, rotation. */
function Demands({ form, set }: { form: Demand; set: (change: Partial<Demand>) => void }) {
  const w = dutyWords.value.duty;
  const schools = useSignal<SchoolRow[] | null>(null);
  const load = () => { if (!schools.value) duty.schools().then((got) => (schools.value = got.schools), (why: unknown) => tell(sentence(why), "bad")); };
  const all = (schools.value ?? []).filter((s) => !form.squad || s.school.squad === form.squad);
  const name = (key: string) => schools.value?.find((s) => s.id === key)?.school.name ?? key;
  return (
    <details class="more" onToggle={load}><summary>{w.more_}</summary>
      <div class="form-row">
        <Field label={w.must}>{(id) => (
          <select id={id} value="" onChange={(e) => { const key = e.currentTarget.value; e.currentTarget.value = ""; if (key) set({ must_cover: [...form.must_cover, key] }); }}>
            <option value="">{w.addMust}</option>
            {all.filter((s) => !form.must_cover.includes(s.id)).map((s) => <option key={s.id} value={s.id}>{s.school.name}</option>)}
          </select>
        )}</Field>
        <Field label={w.rotate}>{(id) => <input id={id} type="number" min={0} max={52} value={form.rotate_weeks} onInput={(e) => set({ rotate_weeks: Math.round(Number(e.currentTarget.value)) || 0 })} />}</Field>
        <label class="check"><input type="checkbox" checked={form.never_empty} onChange={(e) => set({ never_empty: e.currentTarget.checked })} /> {w.neverEmpty}</label>
      </div>
      <p class="hint">{w.mustHint}</p>
      {form.must_cover.length > 0 && <div class="row wrap" role="group" aria-label={w.must}>{form.must_cover.map((key) => <span key={key} class="tag mark">{name(key)} <button type="button" class="link-button" onClick={() => set({ must_cover: form.must_cover.filter((k) => k !== key) })}>{planWords.value.free}</button></span>)}</div>}
    </details>
  );
}

function Make({ today, again }: { today: string; again: () => void }) {
  const w = dutyWords.value.duty;
  const [first, last] = nextMonth(today);
  const form = useSignal({ from: first, to: last, squad: atLeast("edit") ? "" : session.value?.user.unit ?? "", chains: true, squad_only: false, joint: false, must_cover: [] as string[], never_empty: false, rotate_weeks: 0 });
  const stage = useSignal("");
  const job = useSignal<string | null>(null);
  const done = useSignal(0);
  const set = (change: Partial<typeof form.value>) => (form.value = { ...form.value, ...change });
  const make = async () => {
    try {
      const { id } = await duty.make(form.value);
      job.value = id;
      for (;;) {
        await new Promise((r) => setTimeout(r, 400));
        const j = await duty.job(id);
        done.value = j.total ? j.done / j.total : 0;
        stage.value = j.stage;
        if (j.state === "running" || j.state === "waiting") continue;
        job.value = null;
        if (j.state !== "done") throw new Error(j.message);
        again();
        go({ item: j.message });
        return;
      }
    } catch (why) {
      job.value = null;
      tell(sentence(why), "bad");
    }
  };
  /** `solving 12/15` says coverage so far and its bound. */
  const said = (text: string) => {
    const [word = "", values = ""] = text.split(" ");
    const [best, bound] = values.split("/").map(Number);
    return `${w.stages[word] ?? w.making}${bound ? ` · ${w.best(number(best ?? 0), number(bound))}` : ""}`;
  };
  return (
    <section class="card make">
      <h2>{w.make}</h2>
      <div class="form-row">
        <Field label={w.from}>{(id) => <input id={id} type="date" value={form.value.from} onInput={(e) => set({ from: e.currentTarget.value })} />}</Field>
        <Field label={w.to}>{(id) => <input id={id} type="date" value={form.value.to} onInput={(e) => set({ to: e.currentTarget.value })} />}</Field>
        <Field label={w.squad}>{(id) => (
          <select id={id} value={form.value.squad} disabled={!atLeast("edit")} onChange={(e) => set({ squad: e.currentTarget.value, must_cover: [] })}>
            <option value="">{w.all}</option>
            {meta.value?.units.map((u) => <option key={u.id} value={u.name}>{u.name}</option>)}
          </select>
        )}</Field>
        <label class="check"><input type="checkbox" checked={form.value.chains} onChange={(e) => set({ chains: e.currentTarget.checked })} /> {w.chains}</label>
        <label class="check"><input type="checkbox" checked={form.value.squad_only} onChange={(e) => set({ squad_only: e.currentTarget.checked })} /> {w.home}</label>
        <label class="check"><input type="checkbox" checked={form.value.joint} onChange={(e) => set({ joint: e.currentTarget.checked })} /> {w.joint}</label>
      </div>
      <Demands form={form.value} set={set} />
      <div class="row"><ActButton class="primary" act={make}>{w.make}</ActButton></div>
      {job.value && <p class="progress"><span>{said(stage.value)}</span><progress value={done.value} max={1} aria-label={w.making} /><button type="button" class="button small" onClick={() => job.value && void duty.stop(job.value)}>{w.stop}</button></p>}
    </section>
  );
}
