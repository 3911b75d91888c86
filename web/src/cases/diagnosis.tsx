// Why do the tickets recur? What they speak of, at which hours of which days, and how many fall into the bells of a school.
import { api, type SiteDetail, type SiteVerdict } from "../api";
import { cases, type Diagnosis } from "../api_cases";
import { HeatTable } from "../charts/heat";
import { useLoad } from "../load";
import { marksOf } from "../panels/site_verdict";
import { Panel } from "../ui";
import { number, percent, words } from "../words";
import { caseWords } from "../words/cases";
import { nameOf } from "./marks";

export function Shares({ d }: { d: Diagnosis }) {
  const w = caseWords.value;
  return (
    <ul class="shares">
      {d.kinds.slice(0, 6).map((k) => (
        <li key={k.id}>
          <span>{k.id ? nameOf(k) : w.unknownKind}</span>
          <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="8" class="rest" /><rect width={k.share * 100} height="8" /></svg>
          <b>{number(k.count)}</b>
        </li>
      ))}
    </ul>
  );
}

/** Hours of a week with the school's bells marked, and what the bells explain. */
export function Hours({ profile, verdict, d }: { profile: number[][]; verdict: SiteVerdict | null; d: Diagnosis }) {
  const w = caseWords.value;
  const marks = verdict ? marksOf(verdict) : { bells: new Set<number>(), peak: new Set<number>() };
  const bells = new Set([...marks.bells, ...(d.school?.bells ?? []).map((b) => Number(b.at.slice(0, 2)))]);
  const s = d.school;
  return (
    <>
      <HeatTable profile={profile} marks={{ bells, peak: marks.peak }} />
      {s ? (
        <p class="why">
          {w.bellsAt(s.name, number(s.gate_m), s.bells.map((b) => `${b.at} ${w.ways[b.way]}`).join("、"))} {w.bellShare(number(s.at_bells), number(d.tickets), percent(s.share), percent(s.by_chance))}
          {s.assumed && <small class="dim"> {w.assumedSchool}</small>}
        </p>
      ) : verdict && verdict.bells.length > 0 ? (
        <p class="hint">{verdict.bells.map((b) => `${words.value.hot.bells[b.kind]} ${b.span}`).join(" · ")}</p>
      ) : <p class="hint">{w.noBells}</p>}
    </>
  );
}

interface Ground { site: SiteDetail; d: Diagnosis; verdict: SiteVerdict | null }

/** The same on the page of a case. */
export function CaseDiagnosis({ site, words: said, partners }: { site: string; words: string; partners: string[] }) {
  const w = caseWords.value;
  const { state, again } = useLoad<Ground>(async () => {
    const [detail, d, verdict] = await Promise.all([api.site(site), cases.diagnosis(site), api.siteVerdict(site).catch(() => null)]);
    return { site: detail, d, verdict };
  });
  return (
    <section class="card wide diagnosis">
      <h3>{w.diagnosis}</h3>
      {said && <p class="why">{said}</p>}
      {partners.length > 0 && <p class="dim">{w.partners}：{partners.join("、")}</p>}
      <Panel state={state.value} again={again}>{(g) => <div class="diagnosis-grid"><div><h4>{w.shares}</h4><Shares d={g.d} /></div><div><h4>{w.hoursTitle}</h4><Hours profile={g.site.profile} verdict={g.verdict} d={g.d} /></div></div>}</Panel>
    </section>
  );
}
