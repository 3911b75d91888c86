// What is the reader looking at? The whole view lives in the address, so that every view is a link.
import { computed, signal } from "@preact/signals";

export const PAGES = ["map", "compare", "alarm", "methods", "cases", "plan", "import", "review", "duty", "schools", "my", "wall", "users", "audit", "account"] as const;
export type Page = (typeof PAGES)[number];

/** Filter keys that hold sets; they are the server's own names. */
export const SETS = ["kind", "channel", "state", "precision", "area", "unit"] as const;
export type SetKey = (typeof SETS)[number];

export interface Filter {
  sets: Partial<Record<SetKey, string[]>>;
  from: string | null;
  to: string | null;
  q: string;
}

export const LAYERS = ["hex", "tickets", "sites", "cases"] as const;
export type LayerId = (typeof LAYERS)[number];
export type Metric = "count" | "petitioners";
/** What the cells or roads are coloured by besides plain numbers. */
export const LENSES = ["gi", "emerging", "moran", "change", "network"] as const;
export type LensId = (typeof LENSES)[number];
export type Tab = "sites" | "tickets" | "filters";

export interface View {
  page: Page;
  lang: "zh" | "en" | null;
  center: [number, number] | null;
  zoom: number | null;
  layers: LayerId[];
  metric: Metric;
  filter: Filter;
  /** The reader asked for all time; without it a view without dates shows the last 90 days. */
  allTime: boolean;
  site: string | null;
  ticket: string | null;
  /** An H3 cell whose tickets are listed. */
  cell: string | null;
  tab: Tab;
  lens: LensId | null;
  /** Settings of the lens's method, as far as they differ from its defaults. */
  settings: Record<string, string>;
  /** The earlier period of a comparison. */
  before: { from: string | null; to: string | null };
  /** Classes that the reader hid: those of the lens by name, those of the plain cells as c0, c1, … */
  hide: string[];
  /** How the sites are listed. */
  sort: Sort;
  /** Where the handle between two periods stands, in percent. */
  swipe: number;
  /** An import run, a review group: what a page besides the map has open. */
  item: string | null;
}

/** Orders of the list of sites. */
export const SORTS = ["rank", "count", "rising", "redone"] as const;
export type Sort = (typeof SORTS)[number];

export const START: View = {
  page: "map", lang: null, center: null, zoom: null, layers: [...LAYERS], metric: "count",
  filter: { sets: {}, from: null, to: null, q: "" }, allTime: false, site: null, ticket: null, cell: null, tab: "sites", item: null,
  lens: null, settings: {}, before: { from: null, to: null }, hide: [], sort: "rank", swipe: 50,
};

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const listOf = (text: string | null): string[] => (text ?? "").split(",").filter(Boolean);

/** Reads a view from the part of the address behind `#`; unknown words fall back to the start view. */
export function parse(hash: string): View {
  const text = hash.replace(/^#?\/?/, "");
  const cut = text.indexOf("?");
  const name = cut < 0 ? text : text.slice(0, cut);
  const p = new URLSearchParams(cut < 0 ? "" : text.slice(cut + 1));
  const sets: Filter["sets"] = {};
  for (const key of SETS) {
    const values = listOf(p.get(key));
    if (values.length) sets[key] = values;
  }
  const day = (key: string) => (DAY.test(p.get(key) ?? "") ? p.get(key) : null);
  const at = (p.get("at") ?? "").split(",").map(Number);
  const placed = at.length === 3 && at.every(Number.isFinite);
  const shown = p.get("layers");
  const tab = p.get("tab");
  return {
    page: (PAGES as readonly string[]).includes(name) ? (name as Page) : "map",
    lang: p.get("lang") === "en" ? "en" : p.get("lang") === "zh" ? "zh" : null,
    zoom: placed ? at[0]! : null,
    center: placed ? [at[1]!, at[2]!] : null,
    layers: shown === null ? [...LAYERS] : LAYERS.filter((l) => listOf(shown).includes(l)),
    metric: p.get("metric") === "petitioners" ? "petitioners" : "count",
    filter: { sets, from: day("from"), to: day("to"), q: p.get("q") ?? "" },
    allTime: p.get("span") === "all",
    site: p.get("site"),
    ticket: p.get("ticket"),
    cell: /^[0-9a-f]{15}$/.test(p.get("cell") ?? "") ? p.get("cell") : null,
    tab: tab === "tickets" || tab === "filters" ? tab : "sites",
    item: p.get("item"),
    lens: (LENSES as readonly string[]).includes(p.get("lens") ?? "") ? (p.get("lens") as LensId) : null,
    settings: Object.fromEntries([...p].filter(([key]) => /^m_[a-z_]+$/.test(key)).map(([key, value]) => [key.slice(2), value])),
    before: { from: day("from2"), to: day("to2") },
    hide: listOf(p.get("hide")).filter((c) => /^[a-z_]+\d?$/.test(c)),
    sort: SORTS.find((s) => s === p.get("sort")) ?? "rank",
    swipe: /^\d{1,3}$/.test(p.get("swipe") ?? "") ? Math.min(100, Number(p.get("swipe"))) : 50,
  };
}

/** Writes a view as the part behind `#`; what is as at the start is left out. */
export function format(view: View): string {
  const parts: string[] = [];
  const put = (key: string, value: string | null | undefined) => {
    if (value) parts.push(`${key}=${encodeURIComponent(value).replace(/%2C/g, ",")}`);
  };
  if (view.zoom !== null && view.center) put("at", `${round(view.zoom, 2)},${round(view.center[0], 5)},${round(view.center[1], 5)}`);
  for (const key of SETS) put(key, view.filter.sets[key]?.join(","));
  if (view.allTime && !view.filter.from && !view.filter.to) parts.push("span=all");
  put("from", view.filter.from);
  put("to", view.filter.to);
  put("q", view.filter.q.trim());
  if (view.layers.length !== LAYERS.length) parts.push(`layers=${view.layers.join(",")}`);
  if (view.metric !== "count") put("metric", view.metric);
  if (view.tab !== "sites") put("tab", view.tab);
  put("site", view.site);
  put("ticket", view.ticket);
  put("cell", view.cell);
  put("item", view.item);
  put("lens", view.lens);
  for (const key of Object.keys(view.settings).sort()) put(`m_${key}`, view.settings[key]);
  put("from2", view.before.from);
  put("to2", view.before.to);
  put("hide", view.hide.join(","));
  if (view.sort !== "rank") put("sort", view.sort);
  if (view.swipe !== 50) put("swipe", String(view.swipe));
  put("lang", view.lang);
  return `#/${view.page}${parts.length ? `?${parts.join("&")}` : ""}`;
}

const round = (n: number, digits: number): number => Number(n.toFixed(digits));

/** The filter as the server's query: one text for list, tiles, counts and export. */
export function query(filter: Filter, leaveOut: readonly string[] = []): string {
  const parts: string[] = [];
  const put = (key: string, value: string) => {
    if (value && !leaveOut.includes(key)) parts.push(`${key}=${value.split(",").map(encodeURIComponent).join(",")}`);
  };
  for (const key of SETS) put(key, [...(filter.sets[key] ?? [])].sort().join(","));
  put("from", filter.from ?? "");
  put("to", filter.to ?? "");
  if (filter.q.trim() && !leaveOut.includes("q")) parts.push(`q=${encodeURIComponent(filter.q.trim())}`);
  return parts.join("&");
}

export const view = signal<View>(typeof location === "undefined" ? START : parse(location.hash));
export const page = computed(() => view.value.page);
export const filter = computed(() => view.value.filter);
export const filterQuery = computed(() => query(view.value.filter));

/** The question to the lens: method, its settings, periods, filter. `null` while it lacks something. */
export function lensQueryOf(v: View): string | null {
  if (!v.lens || (v.lens === "change" && !(v.before.from && v.before.to && v.filter.from && v.filter.to))) return null;
  const own = Object.keys(v.settings).sort().map((key) => (key === "res" && v.lens === "change" ? `res=${v.settings[key]}` : key === "mask" ? `mask=${v.settings[key]}` : `m_${key}=${encodeURIComponent(v.settings[key]!)}`));
  const two = v.lens === "change" ? [`from2=${v.before.from}`, `to2=${v.before.to}`] : [];
  return [`view=${v.lens}`, ...own, ...two, query(v.filter)].filter(Boolean).join("&");
}
export const lensQuery = computed(() => lensQueryOf(view.value));
/** The same without the time window, for the histogram behind the window. */
export const timelessQuery = computed(() => query(view.value.filter, ["from", "to"]));

/** Changes the view and the address; `replace` leaves no step in the history (panning, typing). */
export function go(change: Partial<View>, replace = false): void {
  const next = { ...view.value, ...change };
  const hash = format(next);
  view.value = next;
  if (hash === location.hash) return;
  if (replace) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
}

export function setFilter(change: Partial<Filter>, replace = false): void {
  const next = { ...view.value.filter, ...change };
  go({ filter: next, allTime: !next.from && !next.to }, replace);
}

export function toggle(key: SetKey, value: string): void {
  const had = view.value.filter.sets[key] ?? [];
  const now = had.includes(value) ? had.filter((v) => v !== value) : [...had, value];
  const sets = { ...view.value.filter.sets };
  if (now.length) sets[key] = now;
  else delete sets[key];
  setFilter({ sets });
}

export function active(filter: Filter): number {
  return SETS.filter((k) => filter.sets[k]?.length).length + (filter.from || filter.to ? 1 : 0) + (filter.q.trim() ? 1 : 0);
}

if (typeof window !== "undefined") {
  const follow = () => (view.value = parse(location.hash));
  window.addEventListener("popstate", follow);
  window.addEventListener("hashchange", follow);
}
