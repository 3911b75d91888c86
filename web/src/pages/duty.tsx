// Who stands where in the month: make a roster, see it, publish it, note an absence, swap, explain, print?
import { useSignal } from "@preact/signals";
import { duty, type RosterHead } from "../api_duty";
import { useLoad } from "../load";
import { go, view } from "../state";
import { meta, sentence, session, tell } from "../store";
import { atLeast } from "../duty_rights";
import { ActButton, Field, Panel } from "../ui";
import { minute, number } from "../words";
import { dutyWords } from "../words/duty";
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

function Make({ today, again }: { today: string; again: () => void }) {
  const w = dutyWords.value.duty;
  const [first, last] = nextMonth(today);
  const form = useSignal({ from: first, to: last, squad: atLeast("edit") ? "" : session.value?.user.unit ?? "", chains: true, squad_only: false, joint: false });
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
          <select id={id} value={form.value.squad} disabled={!atLeast("edit")} onChange={(e) => set({ squad: e.currentTarget.value })}>
            <option value="">{w.all}</option>
            {meta.value?.units.map((u) => <option key={u.id} value={u.name}>{u.name}</option>)}
          </select>
        )}</Field>
        <label class="check"><input type="checkbox" checked={form.value.chains} onChange={(e) => set({ chains: e.currentTarget.checked })} /> {w.chains}</label>
        <label class="check"><input type="checkbox" checked={form.value.squad_only} onChange={(e) => set({ squad_only: e.currentTarget.checked })} /> {w.home}</label>
        <label class="check"><input type="checkbox" checked={form.value.joint} onChange={(e) => set({ joint: e.currentTarget.checked })} /> {w.joint}</label>
        <ActButton class="primary" act={make}>{w.make}</ActButton>
      </div>
      {job.value && <p class="progress"><span>{said(stage.value)}</span><progress value={done.value} max={1} aria-label={w.making} /><button type="button" class="button small" onClick={() => job.value && void duty.stop(job.value)}>{w.stop}</button></p>}
    </section>
  );
}
