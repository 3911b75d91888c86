// How does the page talk to the server? The only file that calls fetch or opens an event stream.

export type City = NonNullable<Meta["city"]>;
export type LonLat = [number, number];
export type Named = { id: string; name: string };

export interface Session {
  user: { name: string; title: string; role: string; role_title: string; unit: string | null; must_change: boolean };
  rights: Record<string, { scope: string; power: string }>;
  demo: boolean;
  /** Whether the connection is encrypted, as the server was told. */
  secure?: boolean;
}
export interface DemoAccount { name: string; password: string; role: string; role_title: string }
export interface Demo { demo: boolean; accounts: DemoAccount[] }

export interface Meta {
  version: string;
  data_version: number;
  city: {
    name: string; name_en: string; center: LonLat; bbox: [number, number, number, number];
    simulated: boolean; attribution: string[]; approval_no: string | null;
  } | null;
  categories: { id: string; name: string; parent: string | null }[];
  channels: Named[];
  states: Named[];
  precisions: Named[];
  areas: Named[];
  units: Named[];
  time: { from: string; to: string } | null;
  /** `null` where a person sees only a part: the whole is not told. */
  counts: { tickets: number; located: number | null; mapped: number; review: number | null; sites: number };
}

export interface Bucket { key: string; label: string; count: number }
export interface Counts { by: string; total: number; mapped: number; buckets: Bucket[] }

/** Who handles a ticket. */
export interface Handler { name: string; title: string }

export interface Ticket {
  no: string; external_no: string; channel: string; category: string; title: string; content: string;
  place_text: string; received_at: string; state: string; unit: string | null; redo: number;
  satisfaction: string | null; precision: string; radius_m: number | null; confidence: number | null;
  label: string | null; point: LonLat | null; site: string | null; coarse: boolean;
  /** Of one ticket only: whether this person may ask for its clear fields, who handles it, whom this person may name. */
  revealable?: boolean; handler?: Handler | null; assignable?: Handler[];
  [more: string]: unknown;
}
export interface TicketPage { tickets: Ticket[]; meta: { next: string | null; total?: number } }
export type Revealed = Record<string, unknown>;

export interface Site {
  id: string; name: string; kind: string; kind_title: string; point: LonLat; count: number; petitioners: number;
  rate: number; rate_low: number; rate_high: number; expected: number; burden: number; burden_low: number; burden_high: number; burden_expected: number; redone: number; per_100m: number | null; score: number | null; rank: number; trend: number[];
  status: string; status_title: string; first: string; last: string; single_voice: boolean; dominated: boolean;
  class?: string | null; class_title?: string | null; going?: "up" | "down" | null; rank_low?: number | null; rank_high?: number | null;
}
export interface SiteDetail extends Site {
  profile: number[][]; months: { month: string; count: number }[]; categories: Bucket[];
  tickets: Ticket[]; history: { run: number; at: string | null; event: string; title: string; other: string | null }[];
  explain: { zh: string; en: string };
}

export interface Found {
  places: { id: string; name: string; kind: string; point: LonLat }[];
  tickets: { no: string; title: string; point: LonLat | null }[];
}

export interface ImportRun {
  id: string;
  state: "reading" | "ready" | "committing" | "committed" | "undoing" | "undone" | "failed" | "discarded";
  file: string; source: string; format: string | null; encoding: string | null; sheet: string; skipped_sheets: string[]; rows: number;
  counts: { new: number; changed: number; same: number; error: number; blank: number; repeated_header: number };
  mapping: { column: number; header: string; field: string | null; sample: string }[];
  fields: ImportField[];
  /** What must still be mapped before a commit. */
  missing: ImportField[];
  errors: { row: number; column: string | null; value: string | null; code: string; why: string; cure: string; severity?: string }[];
  /** The same by kind: errors, fields left out, warnings, repairs. */
  findings: { code: string; severity: "error" | "field_error" | "warn" | "repair"; why: string; cure: string; count: number }[];
  /** The job that works on it. */
  job: string | null;
  progress: { done: number; total: number };
  message: string; created_at: string; created_by: string;
}
export interface ImportField { id: string; title: string; title_en: string }

export interface Candidate {
  n: number; label: string; point: LonLat | null; precision: string; radius_m: number; confidence: number; features: string[];
}
export interface QueueTicket {
  no: string; external_no: string; text: string; title: string; content: string; place_text: string; received_at: string;
  evidence: { field: string; start: number; end: number; role: string }[]; candidates: Candidate[]; pair: LonLat | null; flags: string[];
}
export interface QueueGroup { surface: string; count: number; tickets: QueueTicket[] }
export interface Queue { groups: QueueGroup[]; total: number; tickets: number; meta: { next: string | null } }
/** What a decision did: the alias it taught, and how many tickets were located anew. */
export interface Decided { id: string; alias: Alias | null; relocated: number }
export interface Decision {
  no: string; kind: "candidate" | "point" | "line" | "no_place" | "outside";
  candidate?: number; point?: LonLat; feature?: string; line?: LonLat[]; surface?: string;
}
export interface Alias {
  id: string; surface: string; feature: string; label: string; district: string | null; support: number;
  active: boolean; tickets: number; created_by: string; created_at: string;
}

export interface User { id: string; name: string; title: string; role: string; role_title: string; unit: string | null; active: boolean; must_change: boolean; version: number }
/** An account made or changed; a one-time password is answered once, here. */
export interface Made { user: User; password: string | null }
export interface AuditRow { seq: number; at: string; user: string; action: string; object: string; detail: unknown; hash: string }
export interface JobNote { id: string; kind: string; state: string; stage: string; done: number; total: number }

export type ParamKind =
  | { kind: "integer" | "real"; default: number; min: number; max: number }
  | { kind: "choice"; default: string; among: string[] }
  | { kind: "flag"; default: boolean }
  | { kind: "numbers"; default: number[]; min: number; max: number };
export interface MethodParam { name: string; title: string; unit: string; kind: ParamKind; doc: string }
export interface Method { name: string; title: string; params: MethodParam[]; inputs: { names: string[]; columns: string }[]; runs_on: string }
export interface Catalogue { methods: Method[]; views: { view: string; method: string; own: string[] }[] }
export interface Note { code: string; text: string }
export interface MethodAnswer {
  method: string; title: string; params: Record<string, unknown>; notes: Note[]; result: Record<string, unknown>; n: number; left_out: number; data_version: number; cut: boolean; runs_on: string;
}
export interface Compared {
  before: number; after: number; days_before: number; days_after: number; ratio: number | null; meta: { total: number };
  sites: { id: string; name: string; point: LonLat; before: number; after: number; ratio: number | null; p: number | null; q: number | null; bin: number }[];
}
export interface WeeklyAlarm {
  id: number; state: "open" | "quiet" | "over"; strong: boolean; told_now: boolean; first: string; last: string; window: [string, string]; near: [string, string] | null;
  sites: { id: string; name: string; tickets: number }[];
  course: { day: string; told: boolean; observed: number; expected: number; callers: number; llr: number; recurrence_days: number }[];
  finding: { places: string[]; centre: LonLat; radius_m: number; observed: number; expected: number; llr: number; p: number; p_gumbel: number | null; recurrence_days: number; callers: number };
}
export interface AlarmBook {
  alarms: WeeklyAlarm[]; rule: { least_days: number; strong_days: number };
  runs: { day: string; tickets: number; places: number; llr: number | null; recurrence_days: number | null; alarms: number[]; at: string }[];
  next: string | null;
}
export interface SiteVerdict {
  sentence: { zh: string; en: string }; rank_low: number | null; rank_high: number | null;
  history: { class: string; title: string; hot: number; steps: number; step_days: number; trend_z: number | null; trend_p: number | null; signs: number[] } | null;
  gi: { class: string; kind: string | null; z: number | null; q: number | null } | null;
  cell: { class: string; trend_z: number | null; trend_p: number | null } | null;
  peak: { start_bin: number; length: number; observed: number; expected: number; p: number } | null;
  near_repeat: { metres: number; days: number; ratio: number; p: number; pairs: number } | null;
  bells: { kind: "arrive" | "leave"; span: string }[];
  neighbours: { id: string; name: string; metres: number; count: number; rank: number; point: LonLat }[];
}
export type SiteDeed =
  | { deed: "merge"; into: string }
  | { deed: "split"; tickets: string[]; name: string }
  | { deed: "rename"; name: string }
  | { deed: "move"; point: LonLat }
  | { deed: "pin"; on: boolean }
  | { deed: "undo"; edit: string };
export interface SiteCorrection { id: string; deed: string; site: string; other: string | null; of: string | null; undone: boolean; by: string; at: string }
export interface LensRecord {
  view: string; method: string; title: string; params: Record<string, unknown>; data_version: number; n: number; left_out: number;
  compared?: number; classes: Record<string, number>; notes: Note[]; area?: string | null; area_words?: string | null; bounds?: number[]; km?: number; steps?: [number, number] | null;
}

/** What the server refused, in its own words (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly errors: { field?: string; code?: string; message?: string }[] = [],
  ) {
    super(detail || title);
  }
}

let language = "zh";
let onSignedOut: () => void = () => {};

export function speak(lang: string): void {
  language = lang;
}
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

export async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal, more?: Record<string, string>): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": language === "zh" ? "zh-CN" : "en", ...more };
  let payload: BodyInit | undefined;
  if (body instanceof FormData) payload = body;
  else if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    payload = JSON.stringify(body);
  }
  let answer: Response;
  try {
    answer = await fetch(path, { method, headers, body: payload, signal, credentials: "same-origin" });
  } catch (why) {
    if (why instanceof DOMException && why.name === "AbortError") throw why;
    throw new Problem(0, "unreachable", "", "");
  }
  if (answer.ok) {
    const type = answer.headers.get("content-type") ?? "";
    return (answer.status === 204 || !type.includes("json") ? undefined : await answer.json()) as T;
  }
  const said = await answer.json().catch(() => ({}));
  if (answer.status === 401 && !path.endsWith("/session") && !path.endsWith("/password")) onSignedOut();
  throw new Problem(answer.status, String(said.code ?? `http_${answer.status}`), String(said.title ?? ""), String(said.detail ?? ""), said.errors ?? []);
}

const V = "/api/v1";
const id = encodeURIComponent;
const ask = (query: string): string => (query ? `?${query}` : "");
const plus = (query: string, more: string): string => [query, more].filter(Boolean).join("&");

export const api = {
  session: () => call<Session | undefined>("GET", `${V}/session`),
  login: (name: string, password: string) => call<Session | undefined>("POST", `${V}/session`, { name, password }),
  logout: () => call<void>("DELETE", `${V}/session`),
  password: (old: string, fresh: string) => call<void>("POST", `${V}/session/password`, { old, new: fresh }),
  demo: () => call<Demo>("GET", `${V}/demo`),
  meta: () => call<Meta>("GET", `${V}/meta`),

  counts: (by: string, query: string, signal?: AbortSignal) => call<Counts>("GET", `${V}/counts${ask(plus(`by=${by}`, query))}`, undefined, signal),
  tickets: (query: string, cursor?: string | null, signal?: AbortSignal, limit = 50) =>
    call<TicketPage>("GET", `${V}/tickets${ask(plus(plus(query, `limit=${limit}`), cursor ? `cursor=${id(cursor)}` : ""))}`, undefined, signal),
  ticket: (no: string) => call<Ticket>("GET", `${V}/tickets/${id(no)}`),
  assign: (no: string, to: string) => call<Handler>("POST", `${V}/tickets/${id(no)}/assign`, { to }),
  reveal: (no: string, reason: string) => call<Revealed>("POST", `${V}/tickets/${id(no)}/reveal`, { reason }),
  sites: (query: string, signal?: AbortSignal, limit = 200) => call<{ sites: Site[]; meta?: { total: number } }>("GET", `${V}/sites${ask(plus(query, `limit=${limit}`))}`, undefined, signal),
  site: (site: string, query = "") => call<SiteDetail>("GET", `${V}/sites/${id(site)}${ask(query)}`),
  survey: () => call<{ id: string }>("POST", `${V}/survey`, {}),
  search: (q: string, signal?: AbortSignal) => call<Found>("GET", `${V}/search?q=${id(q)}`, undefined, signal),

  catalogue: () => call<Catalogue>("GET", `${V}/hotspots`),
  methodPage: (name: string) => fetch(`${V}/hotspots/${id(name)}`, { credentials: "same-origin" }).then((r) => (r.ok ? r.text() : Promise.reject(new Error(String(r.status))))),
  runMethod: (name: string, filter: string, settings: Record<string, string>) => call<{ id: string }>("POST", `${V}/hotspots/${id(name)}/runs`, { filter, settings }),
  methodAnswer: (run: string) => call<MethodAnswer>("GET", `${V}/hotspots/runs/${id(run)}`),
  compare: (query: string, signal?: AbortSignal) => call<Compared>("GET", `${V}/compare?${query}`, undefined, signal),
  alarms: (signal?: AbortSignal) => call<AlarmBook>("GET", `${V}/alarms`, undefined, signal),
  runAlarm: (weeks: number, anew: boolean) => call<{ id: string }>("POST", `${V}/alarms`, { weeks, anew }),
  siteVerdict: (site: string, signal?: AbortSignal) => call<SiteVerdict>("GET", `${V}/sites/${id(site)}/verdict`, undefined, signal),
  siteEdits: (signal?: AbortSignal) => call<{ edits: SiteCorrection[] }>("GET", `${V}/site-edits`, undefined, signal),
  editSite: (site: string, deed: SiteDeed) => call<{ id: string }>("POST", `${V}/sites/${id(site)}/edits`, deed),
  job: (job: string) => call<JobNote & { message: string }>("GET", `${V}/jobs/${id(job)}`),
  lens: (query: string, signal?: AbortSignal) => call<LensRecord>("GET", `${V}/lens?${query}`, undefined, signal),

  imports: () => call<{ imports: ImportRun[] }>("GET", `${V}/imports`),
  import: (run: string) => call<ImportRun>("GET", `${V}/imports/${id(run)}`),
  upload: (form: FormData) => call<{ id: string }>("POST", `${V}/imports`, form),
  remap: (run: string, columns: Record<string, string | null>, remember: boolean) => call<unknown>("PUT", `${V}/imports/${id(run)}/mapping`, { columns, remember }),
  commit: (run: string, policy: "good_rows" | "all_or_none") => call<unknown>("POST", `${V}/imports/${id(run)}/commit`, { policy }),
  undo: (run: string) => call<unknown>("POST", `${V}/imports/${id(run)}/undo`, {}),
  discard: (run: string) => call<void>("DELETE", `${V}/imports/${id(run)}`),

  queue: (limit: number, cursor?: string | null) => call<Queue>("GET", `${V}/locate/queue?limit=${limit}${cursor ? `&cursor=${id(cursor)}` : ""}`),
  decide: (decision: Decision) => call<Decided>("POST", `${V}/locate/decisions`, decision),
  aliases: () => call<{ aliases: Alias[] }>("GET", `${V}/aliases`),
  switchAlias: (alias: string, active: boolean) => call<unknown>("PATCH", `${V}/aliases/${id(alias)}`, { active }),

  users: () => call<{ users: User[] }>("GET", `${V}/users`),
  addUser: (user: { name: string; title: string; role: string; unit: string | null }) => call<Made>("POST", `${V}/users`, user),
  changeUser: (user: string, change: Record<string, unknown>) => call<Made>("PATCH", `${V}/users/${id(user)}`, change),
  revoke: (user: string) => call<void>("POST", `${V}/users/${id(user)}/revoke`, {}),
  audit: (cursor?: string | null, limit = 100) => call<{ audit: AuditRow[]; meta: { next: string | null } }>("GET", `${V}/audit?limit=${limit}${cursor ? `&cursor=${id(cursor)}` : ""}`),
  printed: (page: string) => call<void>("POST", `${V}/prints`, { page }),
  verifyAudit: () => call<{ rows: number; head: string; broken: { seq: number; why: string } | null }>("POST", `${V}/audit/verify`, {}),
};

/** Where a browser fetches things by itself (downloads, tiles), and the style of the base map. */
export const address = {
  export: (suffix: "csv" | "xlsx" | "geojson", query: string) => `${V}/tickets.${suffix}${ask(query)}`,
  siteExport: (suffix: "csv" | "xlsx" | "geojson", query: string) => `${V}/sites.${suffix}${ask(query)}`,
  lensExport: (suffix: "csv" | "xlsx" | "geojson", query: string) => `${V}/lens.${suffix}${ask(query)}`,
  cellExport: (suffix: "csv" | "xlsx" | "geojson", query: string, res: number) => `${V}/cells.${suffix}${ask(plus(`res=${res}`, query))}`,
  compareExport: (suffix: "csv" | "xlsx" | "geojson", query: string) => `${V}/compare.${suffix}${ask(query)}`,
  alarmExport: (suffix: "csv" | "xlsx" | "geojson") => `${V}/alarms.${suffix}`,
  importErrors: (run: string) => `${V}/imports/${id(run)}/errors.csv`,
  /** Where the tiles of a layer are, and what they are asked for. */
  tilePlace: (layer: string) => `${location.origin}/tiles/${layer}/{z}/{x}/{y}.mvt`,
  tileQuery: (query: string, version: number) => plus(query, `v=${version}`),
  tiles: (layer: string, query: string, version: number) => `${address.tilePlace(layer)}${ask(address.tileQuery(query, version))}`,
  /** Class bounds of the cells at a zoom; null where the person sees no tickets. */
  classes: async (zoom: number, query: string) =>
    (await call<{ classes?: Record<"count" | "petitioners", number[]> }>("GET", `/tiles/hex.json?z=${zoom}&${query}`)).classes ?? null,
  readStyle: (lang: string) => call<Record<string, unknown>>("GET", `/styles/base.json?lang=${lang}`).catch(() => null),
};

/** One event stream for the whole page: new data and progress of jobs; the browser reconnects by itself. */
export function listen(on: { version(v: number): void; job(note: JobNote): void }): () => void {
  const stream = new EventSource(`${V}/events`);
  const read = (text: string): Record<string, unknown> => {
    try {
      const value: unknown = JSON.parse(text);
      return typeof value === "object" && value ? (value as Record<string, unknown>) : { data_version: value };
    } catch {
      return {};
    }
  };
  stream.addEventListener("data_version", (e) => {
    const said = read((e as MessageEvent).data);
    const v = Number(said.data_version ?? said.version);
    if (Number.isFinite(v)) on.version(v);
  });
  stream.addEventListener("job", (e) => on.job(read((e as MessageEvent).data) as unknown as JobNote));
  return () => stream.close();
}
