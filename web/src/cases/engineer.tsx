// On what does a verdict rest? Windows, parameters, reference, second opinions, ring, doubts, versions, placebo.
import { cases, type CaseDetail, type EffectRecord, type Ring } from "../api_cases";
import { Forest, ratio, type Row } from "../charts/forest";
import { Profile } from "../charts/profile";
import { useLoad } from "../load";
import { Panel } from "../ui";
import { decimal, lang, minute, number } from "../words";
import { caseWords } from "../words/cases";
import { Placebo } from "./placebo";
import { latest } from "./marks";

const figure = (n: number | null | undefined): string => (n === null || n === undefined ? "–" : Math.abs(n) >= 100 ? n.toFixed(0) : n.toPrecision(4).replace(/\.?0+$/, ""));

export function Engineer({ c }: { c: CaseDetail }) {
  const w = caseWords.value;
  const last = latest(c);
  const { state, again } = useLoad(() => cases.effects());
  if (!last) return <p class="state">{w.noVerdictYet}</p>;
  const r = last.record;
  const note = (o: { note: string; note_en?: string }) => (lang.value === "zh" ? o.note : o.note_en || o.note);
  const rows: Row[] = [
    { name: w.thisMethod, theta: r.theta, lo: r.lo, hi: r.hi, strong: true },
    ...(r.borrowed ? [{ name: `${w.borrowed} · ${w.borrowedOf(number(r.borrowed.sites))}`, theta: r.borrowed.theta, lo: r.borrowed.lo, hi: r.borrowed.hi }] : []),
    ...r.methods.map((m) => ({ name: w.designs[m.design] ?? m.design, theta: m.theta, lo: m.lo, hi: m.hi, note: note(m) })),
    ...r.without.map((x) => ({ name: w.without[x.what] ?? x.what, theta: x.theta, lo: x.lo, hi: x.hi })),
  ];
  const effects = state.value.kind === "ready" ? state.value.value.effects : null;
  const picture = effects?.league.find((l) => l.measure === r.measure)?.picture;
  return (
    <div class="engineer">
      <section class="card">
        <h3>{w.flags}</h3>
        {r.flags.length === 0 ? <p class="dim">{w.noFlags}</p> : <ul class="notices">{r.flags.map((f) => <li key={f.code}><code>{f.code}</code> {lang.value === "zh" ? f.zh : f.en}</li>)}</ul>}
      </section>
      <section class="card"><h3>{w.opinions}</h3><Forest rows={rows} /><p class="hint">{w.opinionsNote}</p></section>
      <div class="leader-grid">
        <section class="card"><h3>{w.windows}</h3><Windows r={r} /></section>
        <section class="card"><h3>{w.params}</h3><Params r={r} /></section>
      </div>
      {(r.ring || r.other_hours || r.other_kinds || r.off) && <section class="card"><h3>{w.ringTitle}</h3><RingTable r={r} /></section>}
      {picture && picture.profile.length > 0 && <section class="card"><h3>{w.profile}</h3><Profile months={picture.profile} /><p class="hint">{w.profileNote}</p></section>}
      <section class="card"><h3>{w.placebo}</h3><Panel state={state.value} again={again}>{(e) => (e.effects ? <Placebo p={e.effects.placebo} /> : <p class="dim">–</p>)}</Panel></section>
      <section class="card">
        <h3>{w.versions}</h3>
        <div class="table-wrap" tabIndex={0}><table class="plain">
          <tbody>{c.evaluations.map((e) => <tr key={`${e.measures}${e.look}${e.version}`}><th scope="row">{w.looks[e.look]} · {w.version(e.version)}</th><td>{minute(e.at)}</td><td>{w.verdicts[e.record.verdict]} {ratio(e.record)}</td><td><code>{e.print.slice(0, 16)}</code></td></tr>)}</tbody>
        </table></div>
        <p class="hint">Zhilu {r.engine} · {r.data_until}{r.calendar ? ` · ${r.calendar.slice(0, 12)}` : ""}</p>
      </section>
    </div>
  );
}

function Windows({ r }: { r: EffectRecord }) {
  const w = caseWords.value;
  if (!r.windows) return <p class="dim">–</p>;
  const line = (name: string, d: { from: string; until: string; days: number }) => <tr><th scope="row">{name}</th><td>{d.from} – {d.until}</td><td class="num">{w.days(number(d.days))}</td></tr>;
  return (
    <>
      <div class="table-wrap" tabIndex={0}><table class="plain"><tbody>{line(w.history, r.windows.history)}{line(w.gap, r.windows.gap)}{line(w.afterWin, r.windows.after)}</tbody></table></div>
      <p class="hint">{w.reference}: {w.referenceOf(number(r.reference.sites), number(r.reference.tickets_before), number(r.reference.tickets_after))}{r.reference.pooled ? ` · ${w.pooled}` : ""} · {w.category} {w.categories[r.category] ?? r.category}</p>
    </>
  );
}

function Params({ r }: { r: EffectRecord }) {
  const all: [string, number | null][] = [
    ["y", r.y], ["E", r.expected], ["rel", r.rel], ["Y", r.history], ["ψ psi", r.psi], ["u", r.u], ["w", r.w], ["φ phi", r.phi], ["k", r.k], ["s²", r.s2], ["ρ rho", r.rho],
    ["α", r.alpha], ["p", r.p], ["q", r.q], ["crit", r.crit], ["MDE θ", r.mde], ["θ limit", r.theta_limit],
  ];
  return <><p>θ = {ratio(r)}</p><dl class="facts params">{all.map(([name, n]) => <div key={name}><dt>{name}</dt><dd>{figure(n)}</dd></div>)}</dl></>;
}

function RingTable({ r }: { r: EffectRecord }) {
  const w = caseWords.value;
  const line = (name: string, ring: Ring | null | undefined) => ring && <tr><th scope="row">{name}</th><td class="num">{decimal(ring.expected)}</td><td class="num">{ring.y}</td><td>{ratio(ring)}</td></tr>;
  return (
    <div class="table-wrap" tabIndex={0}><table class="plain">
      <thead><tr><th scope="col" /><th scope="col" class="num">{w.ifNothing}</th><th scope="col" class="num">{w.came}</th><th scope="col">{w.ratio}</th></tr></thead>
      <tbody>
        <tr><th scope="row">{w.coreRow}</th><td class="num">{r.expected === null ? "–" : decimal(r.expected)}</td><td class="num">{r.y}</td><td>{ratio(r)}</td></tr>
        {line(w.ringRow, r.ring)}
        {line(w.otherHours, r.other_hours)}
        {line(w.otherKinds, r.other_kinds)}
        {line(w.afterRemoval, r.off)}
        {r.net && <tr><th scope="row">{w.net}</th><td colSpan={3}>{decimal(r.net.total)} ({w.netInterval} {decimal(r.net.lo)} – {decimal(r.net.hi)})</td></tr>}
      </tbody>
    </table></div>
  );
}
