// Which schools are registered, and what stands on the one page of each (一校一策)?
import { useSignal, useSignalEffect } from "@preact/signals";
import { clock, duty, minuteOf, type Bell, type Gate, type Posts, type Road, type School, type SchoolRow } from "../api_duty";
import { atLeast } from "../duty_rights";
import { useLoad } from "../load";
import { boxOf, MiniMap } from "../mini_map";
import { go, view } from "../state";
import { meta, sentence, tell } from "../store";
import { ActButton, Field, Icon, Panel } from "../ui";
import { WatchGate } from "../panels/duty_watch";
import { number, words } from "../words";
import { dutyWords } from "../words/duty";

const GATE: Gate = { id: 0, name: "", lon: 0, lat: 0, side: "", students: 0, pupil_crash: false, wide_road: false, no_safe_crossing: false, set: null };
const BELL: Bell = { way: "arrive", at: 480, until: null, weekdays: [], grades: "", from: "", to: "" };
const SCHOOL: School = {
  name: "", stage: "primary", address: "", students: 0, gates: [], bells: [], after_school: "", boarding: false, buses: "", catchment: "", contact: "", problems: "", measures: "",
  evaluation_on: "", closed_on_makeup: false, squad: "", simulated: false,
};

export function SchoolsPage() {
  const { state, again } = useLoad(() => duty.schools());
  const item = view.value.item;
  return (
    <div class="narrow wide">
      <Panel state={state.value} again={again}>
        {(got) => {
          if (item === "new") return <Edit row={{ id: "", version: 0, school: SCHOOL }} again={again} />;
          const [id, how] = (item ?? "").split(":");
          const row = got.schools.find((s) => s.id === id);
          if (row && how === "edit") return <Edit key={`${row.id}.${row.version}`} row={row} again={again} />;
          if (row) return <Sheet key={row.id} row={row} today={got.today} />;
          return <List rows={got.schools} again={again} />;
        }}
      </Panel>
    </div>
  );
}

function List({ rows, again }: { rows: SchoolRow[]; again: () => void }) {
  const w = dutyWords.value;
  const s = w.school;
  const find = useSignal("");
  const take = async () => {
    try {
      tell(s.taken((await duty.takeSchools()).taken));
      again();
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  const shown = rows.filter((r) => !find.value || r.school.name.includes(find.value));
  return (
    <>
      <header class="page-head"><div><h1>{s.title}</h1><p class="dim">{s.lead}</p></div>{atLeast("edit") && <div class="acts"><ActButton act={take}>{s.take}</ActButton><button type="button" class="button" onClick={() => go({ item: "new" })}>{s.add}</button></div>}</header>
      <section class="card">
        <input type="search" aria-label={s.name} placeholder={s.name} value={find.value} onInput={(e) => (find.value = e.currentTarget.value)} />
        {rows.length === 0 && <p class="dim">{s.none}</p>}
        <table class="plain school-rows">
          <thead><tr><th>{s.name}</th><th>{s.stage}</th><th>{s.squad}</th><th class="num">{s.students}</th><th class="num">{s.gates}</th><th>{s.bells}</th><th /></tr></thead>
          <tbody>
            {shown.map((r) => (
              <tr key={r.id}>
                <td><button type="button" class="text-button" onClick={() => go({ item: r.id })}>{r.school.name}</button>{r.school.simulated && <span class="tag">{s.simulated}</span>}</td>
                <td>{w.stages[r.school.stage]}</td><td>{r.school.squad}</td><td class="num">{number(r.school.students)}</td><td class="num">{r.school.gates.length}</td>
                <td>{r.school.bells.length ? r.school.bells.map((b) => clock(b.at)).join(" ") : <span class="bad-text">{s.noBells}</span>}</td>
                <td class="nowrap"><button type="button" class="button small" onClick={() => go({ item: r.id })}>{s.sheet}</button>{atLeast("edit") && <button type="button" class="button small" onClick={() => go({ item: `${r.id}:edit` })}>{s.edit}</button>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

/** One page of A4 per school. */
function Sheet({ row, today }: { row: SchoolRow; today: string }) {
  const w = dutyWords.value;
  const s = w.school;
  const x = row.school;
  const roads = useSignal<Road[]>([]);
  const posts = useSignal<Posts | null>(null);
  const seen = useSignal<{ day: string; by: string; seen: Record<string, number | string> }[]>([]);
  const watching = useSignal(false);
  const spots = x.gates.map((g, i) => ({ point: [g.lon, g.lat] as [number, number], label: String(i + 1), title: g.name }));
  useSignalEffect(() => {
    const box = boxOf(spots);
    if (box) duty.roads(box).then((got) => (roads.value = got.roads), () => undefined);
    duty.posts(today).then((got) => (posts.value = got), () => undefined);
    duty.observations(row.id).then((got) => (seen.value = got.observations), () => undefined);
  });
  const line = (label: string, text: string | number) => (text === "" || text === 0 ? null : <div><dt>{label}</dt><dd>{text}</dd></div>);
  return (
    <article class="sheet school-sheet">
      <div class="no-print acts"><button type="button" class="button" onClick={() => go({ item: null })}>{w.duty.back}</button>{atLeast("edit") && <button type="button" class="button" onClick={() => go({ item: `${row.id}:edit` })}>{s.edit}</button>}<button type="button" class="button" onClick={() => (watching.value = true)}>{w.my.observe}</button><button type="button" class="button primary" onClick={() => window.print()}><Icon name="print" />{w.sheet.print}</button></div>
      {watching.value && <WatchGate row={row} onClose={(kept) => { watching.value = false; if (kept) { tell(w.my.savedWatch); duty.observations(row.id).then((got) => (seen.value = got.observations), () => undefined); } }} />}
      <header><h1>{x.name} · {s.sheet}</h1><p>{w.stages[x.stage]} · {x.squad} · {x.address}</p>{x.simulated && <p class="sim">{s.simulated}</p>}</header>
      <div class="sheet-two">
        <MiniMap spots={spots} roads={roads.value} label={x.name} />
        <dl class="school-facts">
          {line(s.students, x.students)}{line(s.after, x.after_school)}{line(s.boarding, x.boarding ? words.value.app.yes : "")}{line(s.buses, x.buses)}{line(s.catchment, x.catchment)}{line(s.contact, x.contact)}{line(s.evaluation, x.evaluation_on)}{line(s.closed, x.closed_on_makeup ? words.value.app.yes : "")}
          <div><dt>{s.bells}</dt><dd>{x.bells.length === 0 ? s.noBells : x.bells.map((b, i) => <div key={i}>{b.way === "arrive" ? s.arrive : s.leave} {clock(b.at)}{b.until ? `–${clock(b.until)}` : ""} {b.grades} {b.weekdays.length ? b.weekdays.map((d) => w.week[d]).join("、") : s.everyDay}{b.from || b.to ? ` ${b.from}–${b.to}` : ""}</div>)}</dd></div>
        </dl>
      </div>
      <h2>{s.gates}</h2>
      <table class="plain school-gates"><thead><tr><th>#</th><th>{s.gates}</th><th class="num">{s.students}</th><th>{w.posts.points}</th><th>{s.posts}（{today}）</th></tr></thead>
        <tbody>{x.gates.map((g, i) => {
          const needs = posts.value?.needs.filter((n) => n[0] === g.id) ?? [];
          const mine = posts.value?.posts.filter((p) => p.gate === g.id) ?? [];
          const points = [...new Set(needs.flatMap((n) => n[2].reasons))];
          return <tr key={g.id}><td>{i + 1}</td><td>{g.name} {g.side}</td><td class="num" data-label={s.students}>{number(g.students)}</td><td>{points.map((p) => w.reasons[p] ?? p).join("、") || "–"}</td><td>{needs.map(([, peak, n]) => { const u = mine.filter((p) => p.peak === peak); return <div key={peak}>{w.peaks[peak]} {u[0] ? `${clock(u[0].start)}–${clock(u[0].end)}` : ""} × {u.length}{n.class === 0 ? `（${w.posts.volunteers}）` : ""}</div>; })}</td></tr>;
        })}</tbody></table>
      <div class="sheet-two">
        <section><h2>{s.problems}</h2><p class="lines">{x.problems || "\u00a0"}</p></section>
        <section><h2>{s.measures}</h2><p class="lines">{x.measures || "\u00a0"}</p></section>
      </div>
      {seen.value.length > 0 && <><h2>{s.observed}</h2><div class="scroll" tabIndex={0} role="group" aria-label={s.observed}><table class="plain"><thead><tr><th>{w.duty.day}</th>{Object.entries(s.seen).map(([k, v]) => <th key={k} class="num">{v}</th>)}</tr></thead><tbody>{seen.value.slice(-8).map((o, i) => <tr key={i}><td>{o.day} {w.peaks[String(o.seen.peak)]}</td>{Object.keys(s.seen).map((k) => <td key={k} class="num">{o.seen[k]}</td>)}</tr>)}</tbody></table></div></>}
      <footer><p>{meta.value?.city?.attribution.join(" · ")}</p></footer>
    </article>
  );
}

function Edit({ row, again }: { row: SchoolRow; again: () => void }) {
  const w = dutyWords.value;
  const s = w.school;
  const form = useSignal<School>(row.school);
  const set = (change: Partial<School>) => (form.value = { ...form.value, ...change });
  const x = form.value;
  const gate = (i: number, change: Partial<Gate>) => set({ gates: x.gates.map((g, k) => (k === i ? { ...g, ...change } : g)) });
  const bell = (i: number, change: Partial<Bell>) => set({ bells: x.bells.map((b, k) => (k === i ? { ...b, ...change } : b)) });
  const save = async () => {
    try {
      const got = await duty.saveSchool({ id: row.id || undefined, version: row.version, school: form.value });
      again();
      go({ item: got.id });
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  const text = (label: string, key: "name" | "address" | "after_school" | "buses" | "catchment" | "contact") => <Field label={label}>{(id) => <input id={id} value={x[key]} onInput={(e) => set({ [key]: e.currentTarget.value })} />}</Field>;
  const long = (label: string, key: "problems" | "measures") => <Field label={label}>{(id) => <textarea id={id} rows={3} value={x[key]} onInput={(e) => set({ [key]: e.currentTarget.value })} />}</Field>;
  return (
    <section class="card edit-school">
      <header class="page-head"><h1>{row.id ? x.name : s.add}</h1><div class="acts"><button type="button" class="button" onClick={() => go({ item: row.id || null })}>{w.duty.back}</button><ActButton class="primary" act={save}>{words.value.app.save}</ActButton></div></header>
      <div class="grid3">
        {text(s.name, "name")}
        <Field label={s.stage}>{(id) => <select id={id} value={x.stage} onChange={(e) => set({ stage: e.currentTarget.value })}>{Object.entries(w.stages).map(([k, v]) => <option key={k} value={k}>{v}</option>)}</select>}</Field>
        <Field label={s.squad}>{(id) => <select id={id} value={x.squad} onChange={(e) => set({ squad: e.currentTarget.value })}><option value="" />{meta.value?.units.map((u) => <option key={u.id} value={u.name}>{u.name}</option>)}</select>}</Field>
        {text(s.address, "address")}
        <Field label={s.students}>{(id) => <input id={id} type="number" min={0} value={x.students} onInput={(e) => set({ students: Number(e.currentTarget.value) })} />}</Field>
        {text(s.after, "after_school")}{text(s.buses, "buses")}{text(s.catchment, "catchment")}{text(s.contact, "contact")}
        <Field label={s.evaluation}>{(id) => <input id={id} type="date" value={x.evaluation_on} onInput={(e) => set({ evaluation_on: e.currentTarget.value })} />}</Field>
      </div>
      <label class="check"><input type="checkbox" checked={x.boarding} onChange={(e) => set({ boarding: e.currentTarget.checked })} /> {s.boarding}</label>
      <label class="check"><input type="checkbox" checked={x.closed_on_makeup} onChange={(e) => set({ closed_on_makeup: e.currentTarget.checked })} /> {s.closed}</label>
      <div class="grid2">{long(s.problems, "problems")}{long(s.measures, "measures")}</div>
      <h2>{s.gates}</h2>
      {x.gates.map((g, i) => (
        <fieldset key={i} class="row-set">
          <input aria-label={s.gates} value={g.name} onInput={(e) => gate(i, { name: e.currentTarget.value })} />
          <input aria-label={s.point} value={g.lon && g.lat ? `${g.lon},${g.lat}` : ""} placeholder={s.point} onChange={(e) => { const [lon, lat] = e.currentTarget.value.split(/[,，\s]+/).map(Number); gate(i, { lon: lon || 0, lat: lat || 0 }); }} />
          <input aria-label={s.side} value={g.side} placeholder={s.side} onInput={(e) => gate(i, { side: e.currentTarget.value })} />
          <input aria-label={s.students} type="number" min={0} value={g.students} onInput={(e) => gate(i, { students: Number(e.currentTarget.value) })} />
          <label class="check"><input type="checkbox" checked={g.pupil_crash} onChange={(e) => gate(i, { pupil_crash: e.currentTarget.checked })} /> {s.crash}</label>
          <label class="check"><input type="checkbox" checked={g.wide_road} onChange={(e) => gate(i, { wide_road: e.currentTarget.checked })} /> {s.wide}</label>
          <label class="check"><input type="checkbox" checked={g.no_safe_crossing} onChange={(e) => gate(i, { no_safe_crossing: e.currentTarget.checked })} /> {s.unsafe}</label>
          <input aria-label={s.set} type="number" min={0} max={6} placeholder={s.set} value={g.set?.units ?? ""} onInput={(e) => gate(i, { set: e.currentTarget.value === "" ? null : { units: Number(e.currentTarget.value), officers: g.set?.officers ?? 0, reason: g.set?.reason ?? "", until: g.set?.until ?? "" } })} />
          {g.set && <label class="check">{s.officers} <input aria-label={s.officers} type="number" min={0} max={6} value={g.set.officers ?? 0} onInput={(e) => gate(i, { set: { ...g.set!, officers: Number(e.currentTarget.value) } })} /></label>}
          {g.set && <input aria-label={s.setReason} placeholder={s.setReason} value={g.set.reason} onInput={(e) => gate(i, { set: { ...g.set!, reason: e.currentTarget.value } })} />}
          <button type="button" class="button small" onClick={() => set({ gates: x.gates.filter((_, k) => k !== i) })}>{s.minus}</button>
        </fieldset>
      ))}
      <button type="button" class="button small" onClick={() => set({ gates: [...x.gates, GATE] })}>{s.plus}</button>
      <h2>{s.bells}</h2>
      {x.bells.map((b, i) => (
        <fieldset key={i} class="row-set">
          <select aria-label={s.bells} value={b.way} onChange={(e) => bell(i, { way: e.currentTarget.value as Bell["way"] })}><option value="arrive">{s.arrive}</option><option value="leave">{s.leave}</option></select>
          <input aria-label={s.at} type="time" value={clock(b.at)} onChange={(e) => { const m = minuteOf(e.currentTarget.value); if (m !== null) bell(i, { at: m }); }} />
          <input aria-label={s.until} type="time" title={s.until} value={b.until ? clock(b.until) : ""} onChange={(e) => bell(i, { until: minuteOf(e.currentTarget.value) })} />
          <input aria-label={s.grades} placeholder={s.grades} value={b.grades} onInput={(e) => bell(i, { grades: e.currentTarget.value })} />
          <label class="check">{s.fromDay} <input type="date" value={b.from} onInput={(e) => bell(i, { from: e.currentTarget.value })} /></label>
          <label class="check">{s.toDay} <input type="date" value={b.to} onInput={(e) => bell(i, { to: e.currentTarget.value })} /></label>
          {w.week.map((name, k) => <label key={k} class="check"><input type="checkbox" checked={b.weekdays.includes(k)} onChange={(e) => bell(i, { weekdays: e.currentTarget.checked ? [...b.weekdays, k].sort() : b.weekdays.filter((d) => d !== k) })} />{name}</label>)}
          <button type="button" class="button small" onClick={() => set({ bells: x.bells.filter((_, k) => k !== i) })}>{s.minus}</button>
        </fieldset>
      ))}
      <button type="button" class="button small" onClick={() => set({ bells: [...x.bells, BELL] })}>{s.plus}</button>
    </section>
  );
}
