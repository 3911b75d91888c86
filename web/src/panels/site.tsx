// What is known about one site? Facts, when it hurts, how it went, what people say, and why it ranks where it does.
import { useEffect } from "preact/hooks";
import { address, api, type SiteDetail } from "../api";
import { HeatTable } from "../charts/heat";
import { MonthBars } from "../charts/months";
import { flyTo } from "../focus";
import { lazyPage } from "../lazy";
import { useLoad } from "../load";
import { active, filter, filterQuery, go, view } from "../state";
import { dataVersion, may, power } from "../store";
import { IconButton, Panel } from "../ui";
import { day, decimal, lang, minute, number, words } from "../words";
import { printPage } from "../print";
import { SiteCases } from "../cases/site_cases";
import { kindOf, statusOf } from "./site_list";
import { marksOf, Neighbours, Verdict } from "./site_verdict";
import { TicketRows } from "./ticket_list";

/** The forms of correction are loaded with the first site that a planner opens. */
const SiteEdit = lazyPage(() => import("./site_edit").then((m) => m.SiteEdit));
// Its words come only when a site is opened.
const SiteDuty = lazyPage(() => import("./site_duty").then((m) => m.SiteDuty));

export function SitePanel({ id }: { id: string }) {
  const w = words.value;
  const { state, again } = useLoad(
    () => {
      void dataVersion.value;
      return api.site(view.value.site ?? id, filterQuery.value);
    },
    () => view.value.site,
  );
  const site = state.value.kind === "ready" ? state.value.value : null;
  return (
    <article class="detail">
      <header class="detail-head">
        <IconButton icon="back" label={w.app.back} onClick={() => go({ site: null })} />
        <h2>{site?.name ?? w.map.sites}</h2>
        {site && <IconButton icon="target" label={w.site.zoom} onClick={() => flyTo(site.point, 16.5)} />}
        {site && <IconButton icon="print" label={w.app.print} onClick={() => void printPage()} />}
      </header>
      <div class="detail-body" tabIndex={0} role="group" aria-label={site?.name ?? w.map.sites}>
        <Panel state={state.value} again={again}>{(s) => <Facts site={s} />}</Panel>
      </div>
    </article>
  );
}

function Facts({ site }: { site: SiteDetail }) {
  const w = words.value;
  useEffect(() => {
    document.querySelector(".detail-body")?.scrollTo(0, 0);
    // A link that names a site but no view shows the site.
    if (!view.peek().center) flyTo(site.point, 15.5);
  }, [site.id]);
  const verdict = useLoad((stop) => {
    void dataVersion.value;
    return view.value.site ? api.siteVerdict(view.value.site, stop) : null;
  }, () => view.value.site);
  const told = verdict.state.value.kind === "ready" ? verdict.state.value.value : null;
  const fact = (name: string, value: string, sub?: string) => <div><dt>{name}</dt><dd>{value}{sub && <small>{sub}</small>}</dd></div>;
  const why = site.explain[lang.value];
  return (
    <>
      <p class="site-kind">
        <span class="tag on">{kindOf(site)}</span>
        <span class="tag">{site.rank ? `${w.sites.rank} ${site.rank}` : w.sites.unranked}</span>
        <span class="tag">{statusOf(site)}</span>
        {site.score !== null && <span class="tag">{w.sites.times(decimal(site.score))}</span>}
        {site.single_voice ? <span class="tag warn">{w.sites.singleVoice}</span> : site.dominated && <span class="tag warn">{w.sites.dominated}</span>}
      </p>
      {active(filter.value) > 0 && <p class="hint">{w.sites.filtered}</p>}
      <dl class="facts">
        {fact(w.site.tickets, number(site.count))}
        {fact(w.site.petitioners, number(site.petitioners))}
        {fact(w.sites.rate, decimal(site.rate))}
        {fact(w.sites.expected, decimal(site.expected))}
        {site.burden_expected > 0 && fact(w.sites.burden, decimal(site.burden), w.sites.ordinary(decimal(site.burden_expected)))}
        {site.burden_expected > 0 && fact(w.sites.redone, number(site.redone))}
        {site.per_100m !== null && fact(w.sites.per100m, decimal(site.per_100m))}
        {fact(w.site.first, day(site.first))}
        {fact(w.site.last, day(site.last))}
      </dl>
      {why && <section><h3>{w.site.why}</h3><p class="why">{why}</p></section>}
      <SiteCases key={site.id} site={site.id} />
      {power("sites") !== "none" && <SiteDuty />}
      <Verdict state={verdict.state.value} />
      <section>
        <h3>{w.site.profile}</h3>
        <HeatTable profile={site.profile} marks={told ? marksOf(told) : undefined} />
        {told?.bells.map((b) => <p key={b.kind} class="hint">{w.hot.bells[b.kind]} {b.span}</p>)}
      </section>
      <section>
        <h3>{w.site.months}</h3>
        <MonthBars months={site.months} />
      </section>
      {site.categories.length > 0 && (
        <section>
          <h3>{w.site.categories}</h3>
          <Shares buckets={site.categories} />
        </section>
      )}
      <section>
        <h3>{w.site.ticketsTitle}</h3>
        <TicketRows tickets={site.tickets} />
        {may("tickets") && <p class="lens-export no-print">{w.filter.export} {(["xlsx", "csv", "geojson"] as const).map((f) => <a key={f} href={address.export(f, [`site=${site.id}`, filterQuery.value].filter(Boolean).join("&"))} download>{f.toUpperCase()}</a>)}</p>}
      </section>
      {told && told.neighbours.length > 0 && <Neighbours list={told.neighbours} />}
      {["edit", "approve", "sign"].includes(power("survey")) && <SiteEdit site={site} neighbours={told?.neighbours ?? []} />}
      <section>
        <h3>{w.site.history}</h3>
        {site.history.length === 0 ? <p class="dim">{w.site.noHistory}</p> : (
          <ol class="history">
            {site.history.map((h, i) => <li key={i}><time>{minute(h.at)}</time> {w.events[h.event] ?? h.title}{h.other ? ` · ${h.other}` : ""}</li>)}
          </ol>
        )}
      </section>
    </>
  );
}

function Shares({ buckets }: { buckets: { key: string; label: string; count: number }[] }) {
  const w = words.value;
  const all = buckets.reduce((n, b) => n + b.count, 0) || 1;
  return (
    <ul class="shares">
      {[...buckets].sort((a, b) => b.count - a.count).slice(0, 8).map((b) => (
        <li key={b.key}>
          <span>{b.label || w.app.unstated}</span>
          <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="8" class="rest" /><rect width={(b.count / all) * 100} height="8" /></svg>
          <b>{number(b.count)}</b>
        </li>
      ))}
    </ul>
  );
}
