// Who can be rostered, and what is known of each; phones only for those with the right?
import { useSignal, useSignalEffect } from "@preact/signals";
import { duty, shift, type Person, type PersonRow, type SchoolRow } from "../api_duty";
import { useLoad } from "../load";
import { civil } from "../offline/queue";
import { may, meta, sentence, session, tell } from "../store";
import { ActButton, Dialog, Field, Panel } from "../ui";
import { words } from "../words";
import { dutyWords, personName } from "../words/duty";
import { atLeast } from "../duty_rights";

const BLANK: Person = { name: "", role: "auxiliary", squad: "", max_per_day: 2, max_per_week: 10, history: 0, login: "", school: "", simulated: false, left: false };

export function PeoplePanel() {
  const w = dutyWords.value;
  const { state, again } = useLoad(() => duty.people());
  const edited = useSignal<PersonRow | null>(null);
  const squad = useSignal("");
  return (
    <section class="card no-print">
      <div class="page-head"><h2>{w.people.title}</h2>
        <div class="form-row">
          <select aria-label={w.people.squad} value={squad.value} onChange={(e) => (squad.value = e.currentTarget.value)}><option value="">{w.duty.all}</option>{meta.value?.units.map((u) => <option key={u.id} value={u.name}>{u.name}</option>)}</select>
          {atLeast("propose") && <button type="button" class="button small" onClick={() => (edited.value = { id: "", version: 0, person: { ...BLANK, squad: atLeast("edit") ? squad.value : own() }, has_phone: false })}>{w.people.add}</button>}
        </div>
      </div>
      <Panel state={state.value} again={again}>
        {(got) => {
          const list = got.people.filter((p) => !squad.value || p.person.squad === squad.value);
          return (
            <details><summary>{w.people.count(list.length)}{list.some((p) => p.person.simulated) ? ` · ${w.duty.simulated}` : ""}</summary>
              <div class="scroll" tabIndex={0} role="group" aria-label={w.people.title}>
                <table class="plain"><thead><tr><th>{w.people.name}</th><th>{w.people.role}</th><th>{w.people.squad}</th><th class="num">{w.people.perDay}</th><th class="num">{w.people.perWeek}</th><th /></tr></thead>
                  <tbody>{list.map((p) => <tr key={p.id} class={p.person.left ? "off" : ""}><td>{personName(p.person.name)}</td><td>{w.roles[p.person.role]}</td><td>{p.person.squad}</td><td class="num">{p.person.max_per_day}</td><td class="num">{p.person.max_per_week}</td><td>{atLeast("propose") && (atLeast("edit") || p.person.squad === own()) && <button type="button" class="button small" onClick={() => (edited.value = p)}>{w.school.edit}</button>}</td></tr>)}</tbody></table>
              </div>
            </details>
          );
        }}
      </Panel>
      {atLeast("propose") && state.value.kind === "ready" && <Leaves people={state.value.value.people.filter((p) => !p.person.left && (!squad.value || p.person.squad === squad.value) && (atLeast("edit") || p.person.squad === own()))} squad={squad.value} />}
      {may("clear") && <Phones squad={squad.value} />}
      {edited.value && <Edit row={edited.value} onClose={(saved) => { edited.value = null; if (saved) { tell(w.people.kept); again(); } }} />}
    </section>
  );
}

/** The squad of who is signed in: below the power to edit only its people are written. */
const own = (): string => session.peek()?.user.unit ?? "";

/** Leave known before a roster is made: noted, listed, taken back. */
function Leaves({ people, squad }: { people: PersonRow[]; squad: string }) {
  const w = dutyWords.value;
  const l = w.leave;
  const first = useSignal(shift(civil(Date.now()), 0));
  const { state, again } = useLoad(async () => {
    const today = (await duty.schools()).today;
    first.value = today;
    return (await duty.leaves(shift(today, -31), shift(today, 183))).leaves;
  });
  const form = useSignal({ person: "", from: "", to: "", peak: "", cause: "" });
  const set = (change: Partial<typeof form.value>) => (form.value = { ...form.value, ...change });
  const act = async (work: () => Promise<unknown>, told: string) => {
    try {
      await work();
      tell(told);
      again();
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  const f = form.value;
  const from = f.from || shift(first.value, 1);
  const to = f.to && f.to >= from ? f.to : from;
  return (
    <details class="leave"><summary>{l.title}</summary>
      <p class="dim">{l.lead}</p>
      <div class="form-row">
        <Field label={w.people.name}>{(id) => <select id={id} value={f.person} onChange={(e) => set({ person: e.currentTarget.value })}><option value="" />{people.map((p) => <option key={p.id} value={p.id}>{personName(p.person.name)}（{w.roles[p.person.role]} · {p.person.squad}）</option>)}</select>}</Field>
        <Field label={w.duty.from}>{(id) => <input id={id} type="date" value={from} onInput={(e) => set({ from: e.currentTarget.value })} />}</Field>
        <Field label={w.duty.to}>{(id) => <input id={id} type="date" value={to} min={from} onInput={(e) => set({ to: e.currentTarget.value })} />}</Field>
        <Field label={w.duty.peak}>{(id) => <select id={id} value={f.peak} onChange={(e) => set({ peak: e.currentTarget.value })}><option value="">{l.whole}</option>{Object.entries(w.peaks).map(([k, v]) => <option key={k} value={k}>{v}</option>)}</select>}</Field>
        <Field label={w.duty.cause}>{(id) => <input id={id} maxLength={60} value={f.cause} onInput={(e) => set({ cause: e.currentTarget.value })} />}</Field>
        <ActButton class="primary" disabled={!f.person} act={() => act(() => duty.addLeave({ ...f, from, to }), l.kept)}>{l.add}</ActButton>
      </div>
      <Panel state={state.value} again={again}>
        {(list) => {
          const shown = list.filter((x) => !squad || x.squad === squad);
          if (shown.length === 0) return <p class="dim">{l.none}</p>;
          return <ul class="dots">{shown.map((x) => <li key={x.id}>{x.from}{x.to === x.from ? "" : ` – ${x.to}`} · {personName(x.name)}（{x.squad}）· {x.peak ? w.peaks[x.peak] : l.whole}{x.cause ? ` · ${x.cause}` : ""} <ActButton class="small" act={() => act(() => duty.removeLeave(x.id), l.gone)}>{l.remove}</ActButton></li>)}</ul>;
        }}
      </Panel>
    </details>
  );
}

function Phones({ squad }: { squad: string }) {
  const w = dutyWords.value.duty;
  const reason = useSignal("");
  const list = useSignal<{ name: string; role: string; phone: string }[] | null>(null);
  if (!squad) return null;
  const show = async () => {
    try {
      list.value = (await duty.phones(squad, reason.value)).phones;
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  return (
    <details><summary>{w.phones} · {squad}</summary>
      <div class="form-row"><Field label={w.phoneReason}>{(id) => <input id={id} value={reason.value} onInput={(e) => (reason.value = e.currentTarget.value)} />}</Field><ActButton act={show}>{w.show}</ActButton></div>
      {list.value && <table class="plain"><tbody>{list.value.map((p) => <tr key={p.name + p.phone}><td>{p.name}</td><td>{dutyWords.value.roles[p.role]}</td><td>{p.phone}</td></tr>)}</tbody></table>}
    </details>
  );
}

function Edit({ row, onClose }: { row: PersonRow; onClose: (saved: boolean) => void }) {
  const w = dutyWords.value;
  const form = useSignal(row.person);
  const phone = useSignal("");
  const schools = useSignal<SchoolRow[]>([]);
  useSignalEffect(() => void duty.schools().then((got) => (schools.value = got.schools), () => undefined));
  const set = (change: Partial<Person>) => (form.value = { ...form.value, ...change });
  const save = async () => {
    try {
      await duty.savePerson({ id: row.id || undefined, version: row.version, person: form.value, phone: phone.value || null });
      onClose(true);
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  const p = form.value;
  const edits = atLeast("edit");
  return (
    <Dialog title={row.id ? p.name : w.people.add} onClose={() => onClose(false)}>
      <div class="dialog-body">
        <Field label={w.people.name}>{(id) => <input id={id} value={p.name} disabled={row.hidden} title={row.hidden ? w.people.hidden : undefined} onInput={(e) => set({ name: e.currentTarget.value })} />}</Field>
        <div class="two">
          <Field label={w.people.role}>{(id) => <select id={id} value={p.role} onChange={(e) => set({ role: e.currentTarget.value })}>{Object.entries(w.roles).map(([k, v]) => <option key={k} value={k}>{v}</option>)}</select>}</Field>
          <Field label={w.people.squad}>{(id) => <select id={id} value={p.squad} disabled={!edits} onChange={(e) => set({ squad: e.currentTarget.value })}><option value="" />{meta.value?.units.map((u) => <option key={u.id} value={u.name}>{u.name}</option>)}</select>}</Field>
          <Field label={w.people.perDay}>{(id) => <input id={id} type="number" min={0} max={6} value={p.max_per_day} onInput={(e) => set({ max_per_day: Number(e.currentTarget.value) })} />}</Field>
          <Field label={w.people.perWeek}>{(id) => <input id={id} type="number" min={0} max={42} value={p.max_per_week} onInput={(e) => set({ max_per_week: Number(e.currentTarget.value) })} />}</Field>
          {edits && <Field label={w.people.login}>{(id) => <input id={id} value={p.login} onInput={(e) => set({ login: e.currentTarget.value })} />}</Field>}
          <Field label={w.people.school}>{(id) => <select id={id} value={p.school} onChange={(e) => set({ school: e.currentTarget.value })}><option value="">{w.people.anySchool}</option>{schools.value.map((x) => <option key={x.id} value={x.id}>{x.school.name}</option>)}</select>}</Field>
          <Field label={w.people.phone}>{(id) => <input id={id} inputMode="tel" value={phone.value} onInput={(e) => (phone.value = e.currentTarget.value)} />}</Field>
        </div>
        <label class="check"><input type="checkbox" checked={p.left} onChange={(e) => set({ left: e.currentTarget.checked })} /> {w.people.left}</label>
        <ActButton class="primary" act={save}>{words.value.app.save}</ActButton>
      </div>
    </Dialog>
  );
}
