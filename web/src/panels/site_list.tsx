// Which places have it worst? The sites under the filter, foremost first.
import { api, type Site } from "../api";
import { afterPicture, flyTo, pointed } from "../focus";
import { useLoad } from "../load";
import { filterQuery, go, type Sort, SORTS, view } from "../state";
import { dataVersion, job, may, meta, sentence, tell } from "../store";
import { ActButton, Panel, Spark } from "../ui";
import { decimal, number, words } from "../words";

export function SiteList() {
  const w = words.value.sites;
  const sort = view.value.sort;
  const { state, again } = useLoad((signal) => {
    void dataVersion.value;
    const q = filterQuery.value;
    return afterPicture(() => api.sites(q, signal));
  });
  return (
    <>
      <div class="list-head">
        <p class="hint">{w.lead}</p>
        <label class="inline"><span class="sr-only">{w.sort}</span>
          <select class="small" value={sort} onChange={(e) => go({ sort: e.currentTarget.value as Sort }, true)}>
            {SORTS.map((s) => <option key={s} value={s}>{{ rank: w.byRank, count: w.byCount, rising: w.byRising, redone: w.byRedone }[s]}</option>)}
          </select>
        </label>
      </div>
      <Panel state={state.value} again={again} empty={({ sites }) => (sites.length ? null : nothing())}>
        {({ sites, meta: page }) => (
          <>
          <ol class="site-list">
            {[...sites].sort(ORDER[sort]).map((s) => <Row key={s.id} site={s} />)}
          </ol>
          {page && page.total > sites.length && <p class="list-foot dim">{w.firstOf(number(sites.length), number(page.total))}</p>}
          </>
        )}
      </Panel>
      {may("survey") && <div class="list-foot"><ActButton class="small" act={survey} disabled={job.value?.kind === "survey"}>{w.survey}</ActButton></div>}
    </>
  );
}

const byRank = (a: Site, b: Site) => (a.rank || 1e9) - (b.rank || 1e9);
const WAY = { up: 0, none: 1, down: 2 };
const ORDER: Record<Sort, (a: Site, b: Site) => number> = {
  rank: byRank,
  count: (a, b) => b.count - a.count,
  rising: (a, b) => WAY[a.going ?? "none"] - WAY[b.going ?? "none"] || byRank(a, b),
  redone: (a, b) => b.redone - a.redone || byRank(a, b),
};

/** An empty list says what to do next: import, or widen. */
function nothing() {
  const w = words.value.sites;
  if (meta.value && !meta.value.counts.tickets && may("tickets"))
    return <><h3>{w.noTickets}</h3><p>{w.importFirst}</p>{may("import") && <a class="button primary" href="#/import">{w.toImport}</a>}</>;
  return <><h3>{w.none}</h3><p>{w.noneHint}</p></>;
}

async function survey(): Promise<void> {
  try {
    await api.survey();
    tell(words.value.sites.surveying);
  } catch (why) {
    tell(sentence(why), "bad");
  }
}

function Row({ site }: { site: Site }) {
  const w = words.value.sites;
  const sort = view.value.sort;
  const open = () => {
    go({ site: site.id, ticket: null });
    flyTo(site.point, 15.5);
  };
  return (
    <li>
      <button type="button" class="site-row" title={site.rank_low ? words.value.hot.rankInterval(number(site.rank_low), number(site.rank_high)) : undefined} onClick={open} onPointerEnter={() => (pointed.value = site.id)} onPointerLeave={() => (pointed.value = null)}
        onFocus={() => (pointed.value = site.id)} onBlur={() => (pointed.value = null)}>
        <span class={`rank ${site.rank && site.rank <= 10 ? "top" : ""}`}><span class="sr-only">{w.rank} </span>{site.rank || "–"}</span>
        <span class="site-name">{site.name}</span>
        <Spark values={site.trend} label={w.trend} />
        <span class="site-facts">
          <span class="tag">{kindOf(site)}</span>
          <span><b>{number(site.count)}</b> {w.count}</span>
          <span><b>{number(site.petitioners)}</b> {w.people}</span>
          <span class="dim">{decimal(site.rate)} {w.perYear}</span>
          {site.class && site.class !== "none" && site.class !== "insufficient" && <span class="tag class">{words.value.hot.classes[site.class] ?? site.class_title}</span>}
          {sort === "redone" && site.redone > 0 && <span class="dim">{w.redone} {number(site.redone)}</span>}
          {site.going && <span class="tag class">{words.value.hot.going[site.going]}</span>}
          {site.single_voice && <span class="tag warn">{w.singleVoice}</span>}
          {!site.single_voice && site.dominated && <span class="tag warn">{w.dominated}</span>}
          {site.status !== "active" && <span class="tag">{statusOf(site)}</span>}
        </span>
      </button>
    </li>
  );
}

/** Kind and status in the reader's language. */
export const kindOf = (s: Site): string => words.value.siteKinds[s.kind] ?? s.kind_title;
export const statusOf = (s: Site): string => words.value.events[s.status] ?? s.status_title;
