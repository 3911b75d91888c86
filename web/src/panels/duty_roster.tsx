// What is one roster: who stands where on each day, what stays open and why, how fair is it, what changed?
import { useSignal, useSignalEffect } from "@preact/signals";
import { clock, duty, shift, weekday, type Clash, type Duty, type OneMore, type Roster, type Why } from "../api_duty";
import { atLeast, minuteNow, offered, ownSquad, type Now } from "../duty_rights";
import { useLoad } from "../load";
import { go } from "../state";
import { sentence, tell } from "../store";
import { ActButton, Dialog, Field, Icon, Panel } from "../ui";
import { decimal, lang, minute, number, words } from "../words";
import { dutyWords, personName } from "../words/duty";
import { isCore } from "../gate_state";

export function OneRoster({ roster }: { roster: string }) {
  const { state, again } = useLoad(() => duty.roster(roster));
  return <div class="narrow wide"><Panel state={state.value} again={again}>{(r) => <Whole r={spoken(r)} again={again} />}</Panel></div>;
}

/** The roster with the names of its people in the language of the page. */
function spoken(r: Roster): Roster {
  if (lang.value === "zh") return r;
  return { ...r, people: r.people.map((p) => ({ ...p, name: personName(p.name) })), duties: r.duties.map((x) => ({ ...x, name: x.name && personName(x.name) })) };
}

function Whole({ r, again }: { r: Roster; again: () => void }) {
  const w = dutyWords.value;
  const d = w.duty;
  const body = r.roster.body;
  const days = [...new Set(r.duties.map((x) => x.day))];
  const day = useSignal(days[0] ?? r.roster.from);
  const absent = useSignal(false);
  const { state: clockNow } = useLoad(async (): Promise<Now> => {
    const at = await duty.mine();
    return { today: at.today, minute: minuteNow(at.now) };
  });
  const now = clockNow.value.kind === "ready" ? clockNow.value.value : null;
  const act = async (publish: boolean) => {
    try {
      await duty.publish(r.roster.id, r.roster.version, publish);
      again();
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  const value = (l: string, i: number) => {
    const bound = body.bounds[i];
    const of = l === "coverage" ? ` / ${number(body.total_priority)}` : "";
    return `${w.levels[l]} ${number(body.values[i]!)}${of}${bound == null ? "" : `（${l === "coverage" ? d.bound : d.floor} ${number(bound)}）`}`;
  };
  const core = r.duties.filter(isCore);
  const open = core.filter((x) => !x.person);
  const vacant = r.duties.filter((x) => !x.person && !isCore(x)).length;
  return (
    <>
      <header class="page-head">
        <div>
          <h1>{r.roster.from} – {r.roster.to} <span class={`tag ${r.roster.state}`}>{w.states[r.roster.state]}</span></h1>
          <p class="dim">{body.wish.squad || d.all} · {w.proofs[body.status]} · {body.levels.map(value).join(" · ")}</p>
        </div>
        <div class="acts no-print">
          <button type="button" class="button" onClick={() => go({ item: null })}>{d.back}</button>
          {atLeast("approve") && r.roster.state === "draft" && <ActButton class="primary" act={() => act(true)}>{d.publish}</ActButton>}
          {atLeast("approve") && r.roster.state === "published" && <ActButton act={() => act(false)}>{d.withdraw}</ActButton>}
          {atLeast("propose") && r.roster.state !== "withdrawn" && now && r.roster.to >= now.today && r.people.some((p) => ownSquad(p.squad)) && <button type="button" class="button" onClick={() => (absent.value = true)}>{d.absent}</button>}
          <a class="button" href={duty.workbook(r.roster.id)}><Icon name="download" />{d.xlsx}</a>
          <button type="button" class="button" onClick={() => go({ item: `sheet:${r.roster.id}:${day.value}:` })}><Icon name="print" />{d.sheets}</button>
        </div>
      </header>
      {body.notes.length > 0 && <details class="card slim-card" open={body.notes.length < 4}><summary>{d.notes} {body.notes.length}</summary><ul class="dots">{body.notes.map((n) => <li key={n}>{n}</li>)}</ul></details>}
      {body.conflict.length > 0 && <section class="card slim-card" role="alert"><p>{d.clashTitle}</p><ul class="dots">{body.conflict.map((c, i) => <li key={i}>{clashSaid(r, c)}</li>)}</ul></section>}
      <dl class="tally">
        <div class="good"><dt>{d.covered}</dt><dd>{number(r.duties.length - open.length - vacant)}</dd></div>
        <div class={open.length ? "bad" : ""}><dt>{d.open}</dt><dd>{number(open.length)}</dd></div>
        <div><dt>{d.vacant}</dt><dd>{number(vacant)}</dd></div>
        {Object.entries(r.fairness.roles).filter(([role]) => r.people.some((p) => p.role === role)).map(([role, [mean, lo, hi]]) => <div key={role}><dt>{w.roles[role]} {lo}–{hi}</dt><dd>{decimal(mean)}</dd></div>)}
      </dl>
      {open.length > 0 && <Uncovered r={r} now={now} open={open} total={body.total_priority} again={again} />}
      <Days r={r} now={now} days={days} day={day} again={again} />
      <Fair r={r} />
      {open.length + vacant > 0 && <More roster={r.roster.id} />}
      <Past r={r} />
      {absent.value && <Absence r={r} day={day.value} onClose={(n) => { absent.value = false; if (n !== undefined) { tell(d.changed(n)); again(); } }} />}
    </>
  );
}

/** One requirement of a conflict in words. */
function clashSaid(r: Roster, c: Clash): string {
  const w = dutyWords.value;
  const person = c.person === null ? "" : r.people.find((p) => p.id === String(c.person))?.name ?? String(c.person);
  const moment = [c.day, w.peaks[c.peak] ?? c.peak].filter(Boolean).join(" ");
  return (w.clash[c.kind] ?? ((x: string) => `${c.kind} ${x}`))([person, moment, c.place].filter(Boolean).join(" "));
}

/** The requirement behind a name such as `cover:12` or `unavailable:5:0:morning`. */
function clashOf(r: Roster, text: string): Clash {
  const [kind = "", of = "", day, peak = ""] = text.split(":");
  const duty = kind === "cover" || kind === "role" ? r.duties.find((x) => x.id === of) : undefined;
  if (duty) return { kind, day: duty.day, peak: duty.peak, place: duty.posts.map((p) => p.school_name + p.gate_name).join(" → "), person: null };
  return { kind, day: day ? shift(r.roster.from, Number(day)) : "", peak, place: "", person: Number(of) };
}

/** Uncovered duties of officers and auxiliaries, most worth first, each with what it costs. */
function Uncovered({ r, now, open, total, again }: { r: Roster; now: Now | null; open: Duty[]; total: number; again: () => void }) {
  const w = dutyWords.value;
  const d = w.duty;
  const asked = useSignal<Duty | null>(null);
  const list = [...open].sort((a, b) => b.priority - a.priority || a.day.localeCompare(b.day));
  const lost = list.reduce((n, x) => n + x.priority, 0);
  return (
    <details class="card slim-card no-print">
      <summary>{d.openSum(open.length, number(lost), decimal((100 * lost) / Math.max(1, total)))}</summary>
      <ul class="dots">{list.slice(0, 30).map((x) => <li key={x.id}>{x.day} {clock(x.start)} {x.posts.map((p) => p.school_name + p.gate_name).join(" → ")} · {w.posts.weight} {number(x.priority)} <button type="button" class="text-button" onClick={() => (asked.value = x)}>{d.why}</button></li>)}</ul>
      {asked.value && <Ask r={r} now={now} x={asked.value} onClose={(changed) => { asked.value = null; if (changed) again(); }} />}
    </details>
  );
}

function Days({ r, now, days, day, again }: { r: Roster; now: Now | null; days: string[]; day: { value: string }; again: () => void }) {
  const w = dutyWords.value;
  const d = w.duty;
  const asked = useSignal<Duty | null>(null);
  const show = useSignal({ squad: "", peak: "", grid: false, open: false });
  const set = (change: Partial<typeof show.value>) => (show.value = { ...show.value, ...change });
  const s = show.value;
  const of = r.duties.filter((x) => x.day === day.value);
  const shown = of.filter((x) => (!s.squad || x.squad === s.squad) && (!s.peak || x.peak === s.peak) && (!s.open || !x.person));
  const squads = [...new Set(r.duties.map((x) => x.squad))].filter(Boolean).sort();
  const peaks = [...new Set(of.map((x) => x.peak))];
  /** The word on a duty's button; none where nothing can be done. */
  const asks = (x: Duty): string => {
    const may = offered(r, x, now);
    return !x.person ? d.why : may.swap ? d.swap : may.missed ? d.missed : "";
  };
  return (
    <section class="card">
      <div class="day-strip no-print" role="tablist" aria-label={d.day}>
        {days.map((x) => {
          const open = r.duties.filter((q) => q.day === x && !q.person && isCore(q)).length;
          return <button key={x} type="button" role="tab" aria-selected={x === day.value} class={open ? "has-open" : ""} onClick={() => (day.value = x)}><b>{x.slice(8)}</b><small>{w.week[weekday(x)]}</small>{open > 0 && <i>{open}</i>}</button>;
        })}
      </div>
      <div class="duty-filter no-print">
        {squads.length > 1 && <select aria-label={d.squad} value={s.squad} onChange={(e) => set({ squad: e.currentTarget.value })}><option value="">{d.all}</option>{squads.map((x) => <option key={x} value={x}>{x}</option>)}</select>}
        <select aria-label={d.peak} value={s.peak} onChange={(e) => set({ peak: e.currentTarget.value })}><option value="">{d.allPeaks}</option>{peaks.map((x) => <option key={x} value={x}>{w.peaks[x]}</option>)}</select>
        <label class="check"><input type="checkbox" checked={s.open} onChange={(e) => set({ open: e.currentTarget.checked })} /> {d.onlyOpen}</label>
        <label class="check"><input type="checkbox" checked={s.grid} onChange={(e) => set({ grid: e.currentTarget.checked })} /> {d.byGate}</label>
        <span class="dim">{number(shown.length)} / {number(of.length)}</span>
      </div>
      <h2 class="print-only">{day.value}</h2>
      {s.grid ? <Grid list={shown} peaks={peaks.filter((x) => !s.peak || x === s.peak)} asks={asks} ask={(x) => (asked.value = x)} /> : (
        <div class="scroll" tabIndex={0} role="group" aria-label={day.value}>
          <table class="plain duties">
            <thead><tr><th scope="col">{d.time}</th><th scope="col">{d.post}</th><th scope="col">{d.person}</th><th scope="col">{d.duty}</th><th scope="col"><span class="sr-only">{d.swap}</span></th></tr></thead>
            <tbody>
              {shown.map((x) => (
                <tr key={x.id} class={x.person ? "" : isCore(x) ? "open" : "vacant"}>
                  <td class="nowrap">{clock(x.start)}–{clock(x.end)}<small>{w.peaks[x.peak]}</small></td>
                  <td>{x.posts.map((p) => <div key={`${p.gate}${p.unit}`}>{p.school_name}{p.gate_name}{p.unit > 1 && <small>{d.unit(p.unit)}</small>}</div>)}</td>
                  <td>{x.person ? <><b>{x.name}</b> <small>{w.roles[x.role ?? ""]}</small><Attended x={x} /></> : isCore(x) ? <b class="bad-text">{d.uncovered}</b> : <span>{d.vacantOf(x.accepts.map((a) => w.roles[a] ?? a).join("/"))}</span>}</td>
                  <td class="dim">{isCore(x) && x.posts.some((p) => p.unit === 1 && p.class > 0) ? d.lead1 : d.assist}</td>
                  <td class="no-print">{asks(x) && <button type="button" class="button small" onClick={() => (asked.value = x)}>{asks(x)}</button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {asked.value && <Ask r={r} now={now} x={asked.value} onClose={(changed) => { asked.value = null; if (changed) again(); }} />}
    </section>
  );
}

/** Whether the holder came: signed in, or noted as absent with the cause. */
function Attended({ x }: { x: Duty }) {
  const d = dutyWords.value.duty;
  const missed = x.signs.find((s) => s.kind === "absent");
  const came = x.signs.find((s) => s.kind === "in");
  if (came) return <small class="good-text">{d.signedTag(minute(came.at).slice(-5))}</small>;
  return missed ? <small class="bad-text">{d.missedTag(missed.detail.note)}</small> : null;
}

/** Which side of 校家警 a duty belongs to. */
function side(x: Duty): "police" | "school" | "family" | "help" {
  if (isCore(x)) return "police";
  if (x.accepts.length === 1 && x.accepts[0] === "school_staff") return "school";
  return x.accepts.includes("school_staff") ? "help" : "family";
}

/** Gates down, peaks across; in every cell officers, school and family (校家警). */
function Grid({ list, peaks, asks, ask }: { list: Duty[]; peaks: string[]; asks: (x: Duty) => string; ask: (x: Duty) => void }) {
  const w = dutyWords.value;
  const holder = (x: Duty) => x.name ?? <b class={isCore(x) ? "bad-text" : "dim"}>{isCore(x) ? w.duty.uncovered : w.duty.nobody}</b>;
  const gates = new Map<string, { name: string; squad: string; cells: Map<string, { x: Duty; start: number; end: number; unit: number }[]> }>();
  for (const x of list) for (const p of x.posts) {
    const row = gates.get(p.gate) ?? { name: p.school_name + p.gate_name, squad: x.squad, cells: new Map() };
    row.cells.set(x.peak, [...(row.cells.get(x.peak) ?? []), { x, start: p.start, end: p.end, unit: p.unit }]);
    gates.set(p.gate, row);
  }
  const rows = [...gates.entries()].sort((a, b) => a[1].squad.localeCompare(b[1].squad, "zh") || a[1].name.localeCompare(b[1].name, "zh"));
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={w.duty.byGate}>
      <table class="plain gate-grid">
        <thead><tr><th scope="col">{w.posts.gate}</th>{peaks.map((p) => <th key={p} scope="col">{w.peaks[p]}</th>)}</tr></thead>
        <tbody>{rows.map(([id, row]) => (
          <tr key={id}>
            <th scope="row">{row.name}<small class="dim"> {row.squad}</small></th>
            {peaks.map((p) => <td key={p}>{(row.cells.get(p) ?? []).sort((a, b) => a.start - b.start || a.unit - b.unit).map((c, i, all) => (
              <div key={`${c.x.id}${c.unit}`}>
                <small class="dim nowrap">{i > 0 && all[i - 1]!.start === c.start ? "" : `${clock(c.start)}–${clock(c.end)}`}</small>
                <span class="side">{w.sides[side(c.x)]}</span>
                {asks(c.x) ? <button type="button" class="text-button" title={asks(c.x)} onClick={() => ask(c.x)}>{holder(c.x)}</button> : <span>{holder(c.x)}</span>}
              </div>
            ))}</td>)}
          </tr>
        ))}</tbody>
      </table>
    </div>
  );
}

function Fair({ r }: { r: Roster }) {
  const w = dutyWords.value;
  const d = w.duty;
  const name = (id: number) => r.people.find((p) => p.id === String(id))?.name ?? String(id);
  const roles = Object.entries(r.fairness.roles).filter(([role]) => r.people.some((p) => p.role === role));
  return (
    <section class="card">
      <h2>{d.fairness}</h2>
      <div class="scroll" tabIndex={0} role="group" aria-label={d.fairness}><table class="plain fair"><thead><tr><th>{d.share[1]}</th><th class="num">{d.meanLoad}</th><th class="num">{d.leastMost}</th><th class="num">{d.share[6]}</th><th class="num">{d.share[7]}</th></tr></thead>
        <tbody>{roles.map(([role, [mean, lo, hi]]) => <tr key={role}><td>{w.roles[role] ?? role}</td><td class="num">{decimal(mean)}</td><td class="num">{lo}–{hi}</td><td class="num">{r.fairness.early[role]?.join("–")}</td><td class="num">{r.fairness.hard[role]?.join("–")}</td></tr>)}</tbody></table></div>
      <p class="dim">{d.fairNote}</p>
      <details><summary>{w.people.count(r.fairness.shares.length)}</summary>
        <div class="scroll" tabIndex={0} role="group" aria-label={d.fairness}>
          <table class="plain"><thead><tr>{d.share.map((h) => <th key={h} scope="col">{h}</th>)}<th class="no-print"><span class="sr-only">{d.ics}</span></th></tr></thead>
            <tbody>{r.fairness.shares.map((s) => <tr key={s.person}><td>{name(s.person)}</td><td>{w.roles[s.role]}</td><td class="num">{s.history}</td><td class="num">{s.duties}</td><td class="num">{s.load}</td><td class="num">{s.history + s.load}</td><td class="num">{s.early}</td><td class="num">{s.hard}</td><td class="no-print"><a href={duty.calendar(r.roster.id, String(s.person))}>{d.ics}</a></td></tr>)}</tbody></table>
        </div>
      </details>
    </section>
  );
}

/** What one more person of each role would bring: solved anew with one added. */
function More({ roster }: { roster: string }) {
  const w = dutyWords.value;
  const got = useSignal<OneMore[] | null>(null);
  const ask = async () => {
    try {
      got.value = (await duty.more(roster)).more;
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  return (
    <section class="card no-print">
      <div class="page-head"><h2>{w.duty.more}</h2><ActButton act={ask}>{w.duty.moreGo}</ActButton></div>
      {got.value?.length === 0 && <p class="dim">{w.duty.moreNone}</p>}
      {got.value && got.value.length > 0 && <ul class="dots">{got.value.map((m) => <li key={m.role + (m.squad ?? "")}>{w.duty.moreLine(`${w.roles[m.role] ?? m.role}${m.squad ? `（${m.squad}）` : ""}`, m.duties, number(m.coverage))}</li>)}</ul>}
    </section>
  );
}

function Past({ r }: { r: Roster }) {
  const w = dutyWords.value;
  const name = (id: number | null) => (id ? r.people.find((p) => p.id === String(id))?.name ?? String(id) : w.duty.nobody);
  type Moved = { duty: number; day: string; from: number | null; to: number | null };
  const moved = (detail: Record<string, unknown>) => (Array.isArray(detail.changes) ? `：${(detail.changes as Moved[]).slice(0, 12).map((c) => `${c.day} ${name(c.from)} → ${name(c.to)}`).join("；")}${detail.changes.length > 12 ? ` … ${detail.changes.length}` : ""}` : "");
  return <section class="card no-print"><h2>{w.duty.history}</h2><ul class="dots">{r.events.map((e, i) => <li key={i}>{minute(e.at)} · {e.by} · {w.events[e.kind] ?? e.kind}{e.kind === "absence" && ` ${w.duty.awayLine(name(Number(e.detail.person)), String(e.detail.from), String(e.detail.to), String(e.detail.cause ?? ""))}`}{e.kind === "swapped" && e.detail.reason ? ` ${String(e.detail.reason)}` : ""}{moved(e.detail)}</li>)}</ul></section>;
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
        <Field label={w.duty.person}>{(id) => <select id={id} value={form.value.person} onChange={(e) => set({ person: e.currentTarget.value })}><option value="" />{r.people.filter((p) => ownSquad(p.squad)).map((p) => <option key={p.id} value={p.id}>{p.name}（{w.roles[p.role]} · {p.squad}）</option>)}</select>}</Field>
        <div class="two">
          <Field label={w.duty.from}>{(id) => <input id={id} type="date" value={form.value.from} onInput={(e) => set({ from: e.currentTarget.value })} />}</Field>
          <Field label={w.duty.to}>{(id) => <input id={id} type="date" value={form.value.to} onInput={(e) => set({ to: e.currentTarget.value })} />}</Field>
        </div>
        <Field label={w.duty.peak}>{(id) => <select id={id} value={form.value.peak} onChange={(e) => set({ peak: e.currentTarget.value })}><option value="">{w.leave.whole}</option>{Object.entries(w.peaks).map(([k, v]) => <option key={k} value={k}>{v}</option>)}</select>}</Field>
        <Field label={w.duty.cause}>{(id) => <input id={id} value={form.value.cause} onInput={(e) => set({ cause: e.currentTarget.value })} />}</Field>
        <ActButton class="primary" act={send} disabled={!form.value.person}>{w.duty.replan}</ActButton>
      </div>
    </Dialog>
  );
}

function Ask({ r, now, x, onClose }: { r: Roster; now: Now | null; x: Duty; onClose: (changed: boolean) => void }) {
  const w = dutyWords.value;
  const d = w.duty;
  const why = useSignal<Why | null>(null);
  const to = useSignal("");
  const reason = useSignal("");
  const cause = useSignal("");
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
  const miss = async () => {
    try {
      const now = Date.now();
      const { signs } = await duty.sign([{ mark: `m-${x.id}-${now}`, duty: x.id, kind: "absent", at: now, point: null, accuracy_m: null, note: cause.value }]);
      const refused = signs.find((s) => s.state === "refused");
      if (refused) { tell(refused.why, "bad"); return; }
      tell(d.missedDone);
      onClose(true);
    } catch (e) {
      tell(sentence(e), "bad");
    }
  };
  const a = why.value;
  const fits = r.people.filter((p) => p.id !== x.person && ownSquad(p.squad) && (x.accepts.length === 0 || x.accepts.includes(p.role)));
  const may = offered(r, x, now);
  return (
    <Dialog title={`${x.day} ${clock(x.start)}–${clock(x.end)} ${x.posts.map((p) => p.school_name + p.gate_name).join("→")}`} onClose={() => onClose(false)}>
      <div class="dialog-body">
        {!x.person && !a && <p class="dim">{words.value.app.loading}</p>}
        {a?.kind === "costs" && <><p>{d.costs(a.loss, name(a.person))}</p><ul class="dots">{a.falls.map((f) => <li key={f}>{which(f)}</li>)}</ul></>}
        {a?.kind === "unknown" && <p>{d.undecided}</p>}
        {a?.kind === "impossible" && <><p>{d.impossible}</p>{a.conflict.length > 0 && <p class="dim">{d.conflict}：{a.conflict.map((c) => clashSaid(r, clashOf(r, c))).join("；")}</p>}</>}
        {a && a.kind !== "covered" && a.people.length > 0 && <details><summary>{d.standing}</summary><ul class="dots">{a.people.map(([p, o]) => <li key={p}>{name(p)}：{w.obstacles[o.why] ?? o.why}{o.duty ? `（${which(o.duty)}）` : ""}</li>)}</ul></details>}
        {may.missed && <>
          <Field label={d.missedCause}>{(id) => <input id={id} value={cause.value} maxLength={300} onInput={(e) => (cause.value = e.currentTarget.value)} />}</Field>
          <ActButton act={miss} disabled={!cause.value.trim()}>{d.missed}</ActButton>
        </>}
        {may.swap && (
          <>
            <Field label={d.swapTo}>{(id) => <select id={id} value={to.value} onChange={(e) => (to.value = e.currentTarget.value)}>{x.person ? <option value="">{d.nobody}</option> : <option value="" />}{fits.map((p) => <option key={p.id} value={p.id}>{p.name}（{w.roles[p.role]} · {p.squad}）</option>)}</select>}</Field>
            <Field label={d.reason}>{(id) => <input id={id} value={reason.value} onInput={(e) => (reason.value = e.currentTarget.value)} />}</Field>
            <ActButton class="primary" act={give} disabled={!reason.value.trim() || (!x.person && !to.value)}>{d.give}</ActButton>
          </>
        )}
      </div>
    </Dialog>
  );
}

