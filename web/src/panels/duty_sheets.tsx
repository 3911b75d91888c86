// What hangs on the squad's wall tonight: one A4 sheet per squad and day, the map beside the list?
import { useSignal, useSignalEffect } from "@preact/signals";
import { Fragment } from "preact";
import { clock, duty, weekday, type Duty, type Road, type Roster } from "../api_duty";
import { gateState, isCore } from "../gate_state";
import { useLoad } from "../load";
import { boxOf, MiniMap, type Spot } from "../mini_map";
import { go } from "../state";
import { meta } from "../store";
import { Icon, Panel } from "../ui";
import { minute } from "../words";
import { dutyWords, personName } from "../words/duty";

/** The map of a sheet stands upright beside the list. */
const UPRIGHT = 0.56;

/** `of` is roster:day:squad; without a squad one sheet per squad. */
export function DutySheets({ of }: { of: string }) {
  const [roster = "", day = "", squad = ""] = of.split(":");
  const { state, again } = useLoad(() => duty.roster(roster));
  return <div class="sheets"><Panel state={state.value} again={again}>{(r) => <All r={r} day={day} squad={squad} />}</Panel></div>;
}

function All({ r, day, squad }: { r: Roster; day: string; squad: string }) {
  const w = dutyWords.value;
  const days = [...new Set(r.duties.map((d) => d.day))];
  const today = r.duties.filter((d) => d.day === day);
  const squads = [...new Set(today.map((d) => d.squad))].sort().filter((s) => !squad || s === squad);
  const to = (d: string, s: string) => go({ item: `sheet:${r.roster.id}:${d}:${s}` }, true);
  return (
    <>
      <header class="page-head no-print">
        <div class="form-row">
          <button type="button" class="button" onClick={() => go({ item: r.roster.id })}>{w.duty.back}</button>
          <select aria-label={w.duty.day} value={day} onChange={(e) => to(e.currentTarget.value, squad)}>{days.map((d) => <option key={d} value={d}>{d} {w.week[weekday(d)]}</option>)}</select>
          <select aria-label={w.duty.squad} value={squad} onChange={(e) => to(day, e.currentTarget.value)}><option value="">{w.sheet.all}</option>{[...new Set(r.duties.map((d) => d.squad))].sort().map((s) => <option key={s} value={s}>{s}</option>)}</select>
        </div>
        <button type="button" class="button primary" onClick={() => window.print()}><Icon name="print" />{w.sheet.print}</button>
      </header>
      {squads.length === 0 && <p class="state">{w.sheet.none}</p>}
      {squads.map((s) => <Sheet key={s} r={r} day={day} squad={s} list={today.filter((d) => d.squad === s)} />)}
    </>
  );
}

function Sheet({ r, day, squad, list }: { r: Roster; day: string; squad: string; list: Duty[] }) {
  const w = dutyWords.value;
  const roads = useSignal<Road[]>([]);
  const gates = new Map<string, Spot>();
  for (const d of list) for (const p of d.posts) {
    if (!p.point) continue;
    if (gates.has(p.gate)) continue;
    const state = gateState(list.filter((x) => x.posts.some((q) => q.gate === p.gate)));
    gates.set(p.gate, { point: p.point, label: String(gates.size + 1), title: `${p.school_name}${p.gate_name} · ${w.sheet.gate[state]}`, state });
  }
  const spots = [...gates.values()];
  useSignalEffect(() => {
    const box = boxOf(spots, UPRIGHT);
    if (box) duty.roads(box).then((got) => (roads.value = got.roads), () => undefined);
  });
  const simulated = meta.value?.city?.simulated;
  const peaks = [...new Set(list.map((d) => d.peak))];
  const number = (d: Duty) => [...new Set(d.posts.map((p) => gates.get(p.gate)?.label))].join("→");
  return (
    <article class="sheet duty-sheet">
      <header><h1>{w.sheet.title} · {squad || w.sheet.all} · {day} {w.week[weekday(day)]}</h1><p>{r.roster.from} – {r.roster.to} · {w.states[r.roster.state]} · No. {r.roster.id} · {w.duty.covered} {list.filter((d) => d.person).length} / {list.length}{simulated && <b class="sim"> · {w.school.simulated}</b>}</p></header>
      <div class="beside">
        <div class="sheet-map"><MiniMap spots={spots} roads={roads.value} label={squad} aspect={UPRIGHT} /><p class="dim">{w.sheet.key}</p></div>
        <table class="plain tight">
          <thead><tr><th>#</th><th>{w.duty.time}</th><th>{w.duty.post}</th><th>{w.duty.person}</th><th>{w.duty.duty}</th></tr></thead>
          <tbody>
            {peaks.map((peak) => (
              <Fragment key={peak}>
                <tr class="peak"><th colSpan={5} scope="colgroup">{w.peaks[peak]}</th></tr>
                {list.filter((d) => d.peak === peak).map((d) => (
                  <tr key={d.id} class={d.person ? "" : isCore(d) ? "open" : "vacant"}>
                    <td class="nowrap">{number(d)}</td>
                    <td class="nowrap">{clock(d.start)}–{clock(d.end)}</td>
                    <td>{d.posts.map((p, i) => `${i ? `→ ${clock(p.start)} ` : ""}${p.school_name}${p.gate_name}${p.unit > 1 ? `（${p.unit}）` : ""}`).join(" ")}</td>
                    <td class="nowrap">{d.name ? <><b>{personName(d.name)}</b> <small>{w.roles[d.role ?? ""]}</small></> : isCore(d) ? <b class="bad-text">{w.duty.uncovered}</b> : <span class="dim">{w.duty.vacant}</span>}</td>
                    <td>{isCore(d) && d.posts.some((p) => p.unit === 1 && p.class > 0) ? w.sheet.lead : w.sheet.assist}</td>
                  </tr>
                ))}
              </Fragment>
            ))}
          </tbody>
        </table>
      </div>
      <footer><p>{w.sheet.note} {meta.value?.city?.attribution.join(" · ")}{meta.value?.city?.approval_no ? ` · ${meta.value.city.approval_no}` : ""} · {minute(new Date().toISOString())}</p></footer>
    </article>
  );
}
