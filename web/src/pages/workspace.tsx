// What is the working screen? Filters left, map and time in the middle, list or detail right; on a phone a sheet over the map.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api } from "../api";
import { lazyPage } from "../lazy";
import { FilterPanel } from "../panels/filters";
import { MapPanel } from "../panels/map_panel";
import { SiteList } from "../panels/site_list";
import { SitePanel } from "../panels/site";
import { TicketDrawer } from "../panels/ticket";
import { TicketList } from "../panels/ticket_list";
import { Timeline } from "../panels/timeline";
import { active, filter, filterQuery, go, setFilter, view, type Tab } from "../state";
import { dataVersion, may, meta, metaFailed, refreshMeta, spoken, startWindow, tell } from "../store";
import { Icon, IconButton, Panel } from "../ui";
import { afterPicture } from "../focus";
import { useLoad } from "../load";
import { number, words } from "../words";

export function Workspace() {
  const w = words.value;
  if (!may("tickets") && !may("sites")) return <div class="state"><Icon name="warn" /><p>{w.app.noRight}</p></div>;
  if (!meta.value) return <Panel state={metaFailed.value ? { kind: "failed", why: metaFailed.value } : { kind: "loading" }} again={() => void refreshMeta()}>{() => null}</Panel>;
  if (!meta.value.city) return <div class="state"><Icon name="home" /><h3>{w.map.noCity}</h3><p>{w.map.noCityHint}</p><code>zhilu city import</code></div>;
  if (meta.value.time && !filter.value.from && !filter.value.to && !view.value.allTime) {
    // Before anything is asked: the first view shows the last 90 days, as a link with dates shows those.
    queueMicrotask(() => setFilter(startWindow(), true));
    return <Panel state={{ kind: "loading" }}>{() => null}</Panel>;
  }
  return <Screen />;
}

const ExportMenu = lazyPage(() => import("../panels/export_menu").then((m) => m.ExportMenu));

type Sheet = "peek" | "half" | "full";

function Screen() {
  const w = words.value;
  const filtersOpen = useSignal(true);
  const sheet = useSignal<Sheet>("half");
  const v = view.value;
  const seesTickets = may("tickets");
  const shown: Tab = v.tab === "tickets" && !seesTickets ? "sites" : v.tab;

  const side = useRef<HTMLElement>(null);
  const opener = useRef<Element | null>(null);

  // What is opened takes the focus, and gives it back to where it was opened from; on a phone it must not stay below the edge.
  useEffect(() => {
    const box = side.current;
    if (!box) return;
    if (v.site || v.ticket) {
      if (!box.querySelector(".detail")?.contains(document.activeElement)) {
        if (box.contains(document.activeElement)) opener.current = document.activeElement;
        box.querySelector<HTMLElement>(".detail .icon-button")?.focus({ preventScroll: true });
      }
      if (sheet.peek() === "peek") sheet.value = "half";
      if (box.getBoundingClientRect().top < 0) box.scrollIntoView({ block: "start" });
    } else if (opener.current) {
      (opener.current as HTMLElement).focus({ preventScroll: false });
      opener.current = null;
    }
  }, [v.site, v.ticket]);

  const tab = (id: Tab, name: string, extra = "") => (
    <button type="button" role="tab" id={`tab-${id}`} aria-selected={shown === id} aria-controls="side-body" tabIndex={shown === id ? 0 : -1} class={extra}
      onClick={() => { go({ tab: id, site: null, ticket: null }, true); if (sheet.value === "peek") sheet.value = "half"; }}>
      {name}
    </button>
  );

  return (
    <div class={`work ${seesTickets && filtersOpen.value ? "" : "no-filters"} sheet-${sheet.value}`}>
      {seesTickets && filtersOpen.value && (
        <aside class="filters" aria-label={w.filter.title}>
          <FilterPanel onHide={() => (filtersOpen.value = false)} />
        </aside>
      )}
      <section class="stage" aria-label={w.nav.map}>
        <MapPanel>
          {seesTickets && !filtersOpen.value && (
            <button type="button" class="button show-filters" onClick={() => (filtersOpen.value = true)}>
              <Icon name="filter" /> {w.filter.title}{active(filter.value) ? ` · ${w.filter.active(active(filter.value))}` : ""}
            </button>
          )}
        </MapPanel>
        {seesTickets && <Timeline />}
      </section>
      <section ref={side} class="side" aria-label={w.sites.title}>
        <button type="button" class="grip" aria-label={`${w.app.more}: ${sheet.value}`} onClick={() => (sheet.value = sheet.value === "peek" ? "half" : sheet.value === "half" ? "full" : "peek")}><span /></button>
        {v.ticket ? <TicketDrawer no={v.ticket} /> : v.site ? <SitePanel id={v.site} /> : null}
        {/* The lists stay where they were while a detail is open, so that going back is going back. */}
        <div class="lists" hidden={!!(v.ticket || v.site)}>
            {seesTickets && <Total />}
            <div class="tabs" role="tablist" onKeyDown={arrowTabs}>
              {tab("sites", w.map.sites)}
              {seesTickets && tab("tickets", w.map.tickets)}
              {seesTickets && tab("filters", w.filter.title, "phone-only")}
            </div>
            <div id="side-body" class="side-body" role="tabpanel" aria-labelledby={`tab-${shown}`} tabIndex={0}>
              {shown === "sites" && <SiteList />}
              {shown === "tickets" && <TicketList />}
              {shown === "filters" && <FilterPanel />}
            </div>
        </div>
      </section>
    </div>
  );
}

function arrowTabs(e: KeyboardEvent & { currentTarget: HTMLElement }): void {
  if (e.key !== "ArrowRight" && e.key !== "ArrowLeft") return;
  const all = [...e.currentTarget.querySelectorAll<HTMLButtonElement>("[role=tab]")].filter((t) => t.offsetParent);
  const at = all.indexOf(document.activeElement as HTMLButtonElement);
  const next = all[(at + (e.key === "ArrowRight" ? 1 : all.length - 1)) % all.length];
  next?.click();
  next?.focus();
}

/** How many tickets the filter holds; said aloud when it changes, and the door to the export. */
function Total() {
  const w = words.value;
  const open = useSignal(false);
  const { state, again } = useLoad((signal) => {
    void dataVersion.value;
    const q = filterQuery.value;
    return afterPicture(() => api.counts("channel", q, signal));
  });
  useEffect(() => {
    const s = state.value;
    if (s.kind === "ready") spoken.value = s.value.total ? w.filter.result(number(s.value.total), number(s.value.mapped)) : w.filter.none;
  }, [state.value]);
  const s = state.value;
  return (
    <div class="total">
      {s.kind === "failed" ? (
        <button type="button" class="link-button" onClick={again}>{w.app.failed} · {w.app.retry}</button>
      ) : (
        <p>{s.kind === "ready" ? w.filter.result(number(s.value.total), number(s.value.mapped)) : w.app.loading}</p>
      )}
      <details class="export" onToggle={(e) => (open.value = e.currentTarget.open)} onKeyDown={(e) => { if (e.key === "Escape") e.currentTarget.open = false; }}>
        <summary><Icon name="download" /> {w.filter.export}</summary>
        {open.value && <ExportMenu />}
      </details>
      <IconButton icon="link" label={w.app.copyLink} onClick={() => void copyLink()} />
    </div>
  );
}

async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    tell(words.value.app.copied);
  } catch {
    tell(location.href);
  }
}
