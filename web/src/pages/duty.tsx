// Who stands where in the month: make a roster, see it, publish it, note an absence, swap, explain, print?
import { useSignal, useSignalEffect } from "@preact/signals";
import { clock, duty, weekday, type Duty, type Roster, type RosterHead, type Why } from "../api_duty";
import { useLoad } from "../load";
import { go, view } from "../state";
import { meta, sentence, session, tell } from "../store";
import { atLeast } from "../duty_rights";
import { ActButton, Dialog, Field, Icon, Panel } from "../ui";
import { decimal, minute, number, words } from "../words";
import { dutyWords } from "../words/duty";
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
  const form = useSignal({ from: first, to: last, squad: atLeast("edit") ? "" : session.value?.user.unit ?? "", chains: true, squad_only: false });
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
        <ActButton class="primary" act={make}>{w.make}</ActButton>
      </div>
      {job.value && <p class="progress"><span>{w.making}</span><progress value={done.value} max={1} aria-label={w.making} /><button type="button" class="button small" onClick={() => job.value && void duty.stop(job.value)}>{w.stop}</button></p>}
    </section>
  );
}

function OneRoster({ roster }: { roster: string }) {
  const { state, again } = useLoad(() => duty.roster(roster));
  return <div class="narrow wide"><Panel state={state.value} again={again}>{(r) => <Whole r={r} again={again} />}</Panel></div>;
}

function Whole({ r, again }: { r: Roster; again: () => void }) {
  const w = dutyWords.value;
  const d = w.duty;
  const days = [...new Set(r.duties.map((x) => x.day))];
  const day = useSignal(days[0] ?? r.roster.from);
  const asked = useSignal<Duty | null>(null);
  const absent = useSignal(false);
  const covered = r.duties.filter((x) => x.person);
  const act = async (publish: boolean) => {
    try {
      await duty.publish(r.roster.id, r.roster.version, publish);
      again();
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  const shown = r.duties.filter((x) => x.day === day.value);
  const name = (id: number | string | null) => r.people.find((p) => p.id === String(id))?.name ?? String(id);
  return (
    <>
      <header class="page-head">
        <div>
          <h1>{r.roster.from} – {r.roster.to} <span class={`tag ${r.roster.state}`}>{w.states[r.roster.state]}</span></h1>
          <p class="dim">{r.roster.body.wish.squad || d.all} · {w.proofs[r.roster.body.status]} · {r.roster.body.levels.map((l, i) => `${w.levels[l]} ${number(r.roster.body.values[i])}${l === "coverage" ? ` / ${number(r.roster.body.total_priority)}` : ""}${r.roster.body.bounds[i] == null ? "" : `（${d.bound} ${number(r.roster.body.bounds[i])}）`}`).join(" · ")}</p>
        </div>
        <div class="acts no-print">
          <button type="button" class="button" onClick={() => go({ item: null })}>{d.back}</button>
          {atLeast("approve") && r.roster.state === "draft" && <ActButton class="primary" act={() => act(true)}>{d.publish}</ActButton>}
          {atLeast("approve") && r.roster.state === "published" && <ActButton act={() => act(false)}>{d.withdraw}</ActButton>}
          {atLeast("propose") && r.roster.state !== "withdrawn" && <button type="button" class="button" onClick={() => (absent.value = true)}>{d.absent}</button>}
          <a class="button" href={duty.workbook(r.roster.id)}><Icon name="download" />{d.xlsx}</a>
          <button type="button" class="button" onClick={() => go({ item: `sheet:${r.roster.id}:${day.value}:` })}><Icon name="print" />{d.sheets}</button>
        </div>
      </header>
      {r.roster.body.notes.length > 0 && <details class="card slim-card" open={r.roster.body.notes.length < 4}><summary>{d.notes} {r.roster.body.notes.length}</summary><ul class="dots">{r.roster.body.notes.map((n) => <li key={n}>{n}</li>)}</ul></details>}
      <dl class="tally"><div class="good"><dt>{d.covered}</dt><dd>{number(covered.length)}</dd></div><div class={covered.length === r.duties.length ? "" : "bad"}><dt>{d.open}</dt><dd>{number(r.duties.length - covered.length)}</dd></div>{Object.entries(r.fairness.roles).filter(([role]) => r.people.some((p) => p.role === role)).map(([role, [mean, lo, hi]]) => <div key={role}><dt>{w.roles[role]} {lo}–{hi}</dt><dd>{decimal(mean)}</dd></div>)}</dl>
      <section class="card">
        <div class="day-strip no-print" role="tablist" aria-label={d.day}>
          {days.map((x) => {
            const open = r.duties.filter((q) => q.day === x && !q.person).length;
            return <button key={x} type="button" role="tab" aria-selected={x === day.value} class={open ? "has-open" : ""} onClick={() => (day.value = x)}><b>{x.slice(8)}</b><small>{w.week[weekday(x)]}</small>{open > 0 && <i>{open}</i>}</button>;
          })}
        </div>
        <h2 class="print-only">{day.value}</h2>
        <table class="plain duties">
          <thead><tr><th scope="col">{d.time}</th><th scope="col">{d.post}</th><th scope="col">{d.person}</th><th scope="col">{d.duty}</th><th scope="col" /></tr></thead>
          <tbody>
            {shown.map((x) => (
              <tr key={x.id} class={x.person ? "" : "open"}>
                <td class="nowrap">{clock(x.start)}–{clock(x.end)}<small>{w.peaks[x.peak]}</small></td>
                <td>{x.posts.map((p) => <div key={`${p.gate}${p.unit}`}>{p.school_name}{p.gate_name} <small>{p.unit}</small></div>)}</td>
                <td>{x.person ? <><b>{x.name}</b> <small>{w.roles[x.role ?? ""]}</small></> : <b class="bad-text">{d.uncovered}</b>}</td>
                <td class="dim">{x.posts.some((p) => p.unit === 1 && p.class > 0) ? d.lead1 : d.assist}</td>
                <td class="no-print"><button type="button" class="button small" onClick={() => (asked.value = x)}>{x.person ? d.swap : d.why}</button></td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section class="card">
        <h2>{d.fairness}</h2>
        <ul class="dots dim">{Object.entries(r.fairness.roles).filter(([role]) => r.people.some((p) => p.role === role)).map(([role, [mean, lo, hi]]) => <li key={role}>{d.spread(w.roles[role] ?? role, decimal(mean), lo, hi)}；{d.share[6]} {r.fairness.early[role]?.join("–")}；{d.share[7]} {r.fairness.hard[role]?.join("–")}</li>)}</ul>
        <details><summary>{w.people.count(r.fairness.shares.length)}</summary>
          <table class="plain"><thead><tr>{d.share.map((h) => <th key={h} scope="col">{h}</th>)}<th class="no-print" /></tr></thead>
            <tbody>{r.fairness.shares.map((s) => <tr key={s.person}><td>{name(s.person)}</td><td>{w.roles[s.role]}</td><td class="num">{s.history}</td><td class="num">{s.duties}</td><td class="num">{s.load}</td><td class="num">{s.history + s.load}</td><td class="num">{s.early}</td><td class="num">{s.hard}</td><td class="no-print"><a href={duty.calendar(r.roster.id, String(s.person))}>{d.ics}</a></td></tr>)}</tbody></table>
        </details>
      </section>
      <section class="card no-print"><h2>{d.history}</h2><ul class="dots">{r.events.map((e, i) => <li key={i}>{minute(e.at)} · {e.by} · {w.events[e.kind] ?? e.kind}{Array.isArray(e.detail.changes) ? `：${(e.detail.changes as { duty: number; day: string; from: number | null; to: number | null }[]).map((c) => `${c.day} ${c.from ? name(c.from) : d.nobody} → ${c.to ? name(c.to) : d.nobody}`).join("；")}` : ""}</li>)}</ul></section>
      {absent.value && <Absence r={r} day={day.value} onClose={(n) => { absent.value = false; if (n !== undefined) { tell(d.changed(n)); again(); } }} />}
      {asked.value && <Ask r={r} x={asked.value} onClose={(changed) => { asked.value = null; if (changed) again(); }} />}
    </>
  );
}

function Absence({ r, day, onClose }: { r: Roster; day: string; onClose: (changed?: number) => void }) {
  const w = dutyWords.value;
  const form = useSignal({ person: "", from: day, to: day, peak: "", cause: w.duty.sick });
  const set = (change: Partial<typeof form.value>) => (form.value = { ...form.value, ...change });
  const send = async () => {
    try {
      const got = await duty.absence(r.roster.id, form.value);
      onClose(got.changes.length);
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  return (
    <Dialog title={w.duty.absent} onClose={() => onClose()}>
      <div class="dialog-body">
        <Field label={w.duty.person}>{(id) => <select id={id} value={form.value.person} onChange={(e) => set({ person: e.currentTarget.value })}><option value="" />{r.people.map((p) => <option key={p.id} value={p.id}>{p.name}（{w.roles[p.role]} · {p.squad}）</option>)}</select>}</Field>
        <div class="two">
          <Field label={w.duty.from}>{(id) => <input id={id} type="date" value={form.value.from} onInput={(e) => set({ from: e.currentTarget.value })} />}</Field>
          <Field label={w.duty.to}>{(id) => <input id={id} type="date" value={form.value.to} onInput={(e) => set({ to: e.currentTarget.value })} />}</Field>
        </div>
        <Field label={w.duty.cause}>{(id) => <input id={id} value={form.value.cause} onInput={(e) => set({ cause: e.currentTarget.value })} />}</Field>
        <ActButton class="primary" act={send} disabled={!form.value.person}>{w.duty.replan}</ActButton>
      </div>
    </Dialog>
  );
}

function Ask({ r, x, onClose }: { r: Roster; x: Duty; onClose: (changed: boolean) => void }) {
  const w = dutyWords.value;
  const d = w.duty;
  const why = useSignal<Why | null>(null);
  const to = useSignal("");
  const reason = useSignal("");
  useSignalEffect(() => {
    if (x.person) return;
    duty.explain(r.roster.id, x.id).then((a) => (why.value = a), (e) => tell(sentence(e), "bad"));
  });
  const name = (id: number | string) => r.people.find((p) => p.id === String(id))?.name ?? String(id);
  const which = (id: number) => {
    const q = r.duties.find((y) => y.id === String(id));
    return q ? `${q.day} ${clock(q.start)} ${q.posts[0]?.school_name ?? ""}${q.posts[0]?.gate_name ?? ""}` : String(id);
  };
  const give = async () => {
    try {
      await duty.swap(r.roster.id, { [x.id]: to.value || null }, reason.value);
      onClose(true);
    } catch (e) {
      tell(sentence(e), "bad");
    }
  };
  const a = why.value;
  const fits = r.people.filter((p) => x.accepts.length === 0 || x.accepts.includes(p.role));
  return (
    <Dialog title={`${x.day} ${clock(x.start)}–${clock(x.end)} ${x.posts.map((p) => p.school_name + p.gate_name).join("→")}`} onClose={() => onClose(false)}>
      <div class="dialog-body">
        {!x.person && !a && <p class="dim">{words.value.app.loading}</p>}
        {a?.kind === "costs" && <><p>{d.costs(a.loss, name(a.person))}</p><ul class="dots">{a.falls.map((f) => <li key={f}>{which(f)}</li>)}</ul></>}
        {a?.kind === "impossible" && <><p>{d.impossible}</p>{a.conflict.length > 0 && <p class="dim">{d.conflict}：{a.conflict.join("、")}</p>}</>}
        {a && a.kind !== "covered" && a.people.length > 0 && <details><summary>{d.standing}</summary><ul class="dots">{a.people.map(([p, o]) => <li key={p}>{name(p)}：{w.obstacles[o.why] ?? o.why}{o.duty ? `（${which(o.duty)}）` : ""}</li>)}</ul></details>}
        {atLeast("propose") && (
          <>
            <Field label={d.swapTo}>{(id) => <select id={id} value={to.value} onChange={(e) => (to.value = e.currentTarget.value)}><option value="">{d.nobody}</option>{fits.map((p) => <option key={p.id} value={p.id}>{p.name}（{w.roles[p.role]} · {p.squad}）</option>)}</select>}</Field>
            <Field label={d.reason}>{(id) => <input id={id} value={reason.value} onInput={(e) => (reason.value = e.currentTarget.value)} />}</Field>
            <ActButton class="primary" act={give} disabled={!reason.value}>{d.give}</ActButton>
          </>
        )}
      </div>
    </Dialog>
  );
}

