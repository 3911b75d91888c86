// What did duty posts do at this site: attendance, incidents, what was counted at the bells?
import { duty } from "../api_duty";
import { useLoad } from "../load";
import { go, view } from "../state";
import { minute } from "../words";
import { dutyWords } from "../words/duty";

/** The site of the view, or the one a case is about. */
export function SiteDuty({ site }: { site?: string }) {
  const w = dutyWords.value;
  const at = () => site ?? view.value.site;
  const { state } = useLoad((stop) => (at() ? duty.atSite(at()!, stop) : null), at);
  const got = state.value.kind === "ready" ? state.value.value : null;
  if (!got || got.gates.length === 0) return null;
  const s = w.site;
  return (
    <section class="site-duty">
      <h3>{s.title}</h3>
      <p>{got.gates.map((g, i) => <span key={g.gate}>{i > 0 && "、"}<button type="button" class="text-button" onClick={() => go({ page: "schools", item: g.school })}>{g.name}</button> {g.metres} m</span>)}</p>
      {got.months.length === 0 && got.observations.length === 0 && <p class="dim">{s.none}</p>}
      {got.months.length > 0 && (
        <table class="plain tight"><thead><tr><th>{s.month}</th><th class="num">{s.planned}</th><th class="num">{s.manned}</th><th class="num">{s.signed}</th><th class="num" title={s.late}>{s.lateShort}</th><th class="num" title={s.afar}>{s.afarShort}</th></tr></thead>
          <tbody>{got.months.map((m) => <tr key={m.month}><td class="nowrap">{m.month}</td><td class="num">{m.planned}</td><td class="num">{m.manned}</td><td class="num">{m.signed}</td><td class="num">{m.late}</td><td class="num">{m.afar}</td></tr>)}</tbody></table>
      )}
      {got.incidents.length > 0 && <><h4>{s.incidents}</h4><ul class="dots">{got.incidents.slice(0, 8).map((x, i) => <li key={i}><time>{minute(x.at)}</time> {x.gate}：{x.note}</li>)}</ul></>}
      {got.observations.length > 0 && (
        <><h4>{s.observed}</h4>
          <table class="plain tight"><thead><tr><th>{w.duty.day}</th>{got.gates.length > 1 && <th>{w.posts.gate}</th>}<th class="num">{s.vehicles}</th><th class="num">{s.queue}</th><th class="num">{s.danger}</th></tr></thead>
            <tbody>{got.observations.slice(-12).map((o, i) => <tr key={i}><td class="nowrap">{o.day} <small>{w.peaks[o.peak]}</small></td>{got.gates.length > 1 && <td>{o.name}</td>}<td class="num">{o.vehicles}</td><td class="num">{o.queue_m}</td><td class="num">{o.danger}</td></tr>)}</tbody></table></>
      )}
    </section>
  );
}
