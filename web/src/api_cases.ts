// What can be asked about cases, the catalogue and effects? Types and addresses; fetching itself is in api.ts.
import { call, type LonLat } from "./api";
import { writeKey } from "./write_key";

export interface Kind { id: string; name: string; name_en: string; category: string; shape: "point" | "frontage" | "segment"; harm_factor: number; leads: string[]; note: string }
export interface Measure {
  id: string; name: string; name_en: string; sort: string; main: string[]; side: string[]; standards: string[]; unit: string;
  unit_cost: [number, number]; annual_cost: number; life_years: number; lead_days: [number, number]; lead: string; partners: string[];
  published: { effect: string; outcome: string; source: string; status: string }; evidence: string;
  prior: { multiplier: number; low: number; high: number }; typical_quantity: number; excludes: string[]; requires: string[];
  reversible: boolean; note: string; source: string; source_title: string; source_title_en: string;
}
export interface Catalogue { kinds: Kind[]; measures: Measure[] }
export interface Point { lon: number; lat: number }

export interface Work {
  n: number; measure: string; place: Point[]; quantity: number; cost_yuan: number | null;
  decided: string | null; works_start: string | null; works_end: string | null; removed: string | null; note: string;
  /** Hours in which a post stands, `[7, 9]`; absent or empty = all day. */
  hours?: [number, number][];
}
export interface WorkView extends Work { name: string; name_en: string; sort: string; unit: string; cost: number; cost_source: string }
export interface Content { title: string; problem: string; diagnosis: string; owner: string; partners: string[]; works: Work[] }

export interface Flag { code: string; zh: string; en: string }
export interface Ring { y: number; before: number; expected: number; rel: number; theta: number; lo: number; hi: number | null; control: [number, number] }
export interface Opinion { design: string; theta: number | null; lo: number | null; hi: number | null; note: string; note_en?: string }
export interface Month { from: string; days: number; part: "before" | "gap" | "after"; y: number; expected: number; lo: number; hi: number }
/** What the effect room keeps of an evaluation; undefined figures are null. */
export interface EffectRecord {
  site: string; category: string; measures: string[]; measure: string; look: string; alpha: number;
  windows: Record<"history" | "gap" | "after", { from: string; until: string; days: number }> | null;
  y: number; expected: number | null; rel: number | null; history: number; psi: number | null; u: number | null; w: number | null;
  phi: number | null; k: number | null; s2: number | null; rho: number | null;
  theta: number | null; lo: number | null; hi: number | null; p: number | null; q: number | null; crit: number | null; mde: number | null; theta_limit: number | null;
  waterfall: { days_before: number; count_before: number; naive: number | null; calendar: number | null; falling_back: number | null; measure: number | null } | null;
  verdict: string; interim: boolean; flags: Flag[]; ring: Ring | null;
  net: { avoided_core: number; avoided_ring: number; total: number; lo: number; hi: number; displaced_share: number | null } | null;
  other_hours: Ring | null; other_kinds?: Ring | null; off: Ring | null; control: Record<string, number | null> | null;
  without: { what: string; y: number; expected: number; theta: number; lo: number; hi: number | null }[];
  borrowed: { sites: number; theta: number; lo: number; hi: number; p_reduces: number; p_tenth: number } | null;
  methods: Opinion[]; next_check: string | null; advice: string; zh: string; en: string; counts_zh: string; counts_en: string; advice_zh: string; advice_en: string;
  reference: { sites: number; tickets_before: number; tickets_after: number; pooled: boolean };
  data_until: string; engine: string; calendar: string; months?: Month[];
}
export type Brief = Pick<EffectRecord, "verdict" | "look" | "interim" | "y" | "expected" | "theta" | "lo" | "hi" | "mde" | "next_check" | "advice_zh" | "advice_en" | "counts_zh" | "counts_en" | "zh" | "en" | "q" | "data_until" | "borrowed"> & { version: number };

export interface Case {
  id: string; site: string; site_name: string; point: LonLat | null; title: string; problem: string; problem_title: string;
  state: string; state_title: string; state_title_en: string; waits: string; next_look: string | null; owner: string;
  measures: [string, string, string][]; decided: string | null; works_end: string | null; verdict: Brief | null;
  external_no: string | null; simulated: boolean; version: number; changed_at: string;
}
export interface Photo { id: string; phase: "before" | "during" | "after"; taken_on: string | null; caption: string; width: number; height: number; created_by: string; created_at: string }
export interface CaseDetail extends Case {
  diagnosis: string; partners: string[]; works: WorkView[]; visits: { on: string | null; by: string; seen: string }[];
  notices: { code: string; work: number; field: string; zh: string; en: string }[];
  acts: { action: string; title: string; title_en: string }[]; photos: Photo[];
  events: { at: string; kind: string; actor: string; body: Record<string, unknown> }[]; timeline: Timeline;
  evaluations: { measures: string; look: string; version: number; at: string; print: string; current: boolean; record: EffectRecord }[];
  created_by: string; created_at: string;
}
export interface TimelineMark { on: string; until: string | null; lane: "order" | "decision" | "visit" | "works" | "removal" | "verdict"; what: string; note: string }
/** Tickets by month and everything that happened on a day. */
export interface Timeline { from: string; until: string; months: { from: string; count: number; redone: number }[]; marks: TimelineMark[] }
/** A measure as its form shows it: cells by column of the catalogue's file. */
export interface MeasureSheet {
  columns: string[]; row: Record<string, string> | null; shipped: Record<string, string> | null; own: boolean;
  history: { id: string; at: string; actor: string; reason: string; row: Record<string, string> | null }[];
}
export type Step = { action: string } & Record<string, unknown>;

export interface Diagnosis {
  tickets: number; kind: string; kinds: { id: string; name: string; name_en: string; count: number; share: number }[];
  offers: { id: string; main: string[]; side: string[]; excluded_by: string | null; needs: string[] }[]; installed: string[];
  /** What the nearest registered school's bells explain. */
  school: { name: string; gate_m: number; bells: { at: string; way: "arrive" | "leave" }[]; at_bells: number; share: number; by_chance: number; assumed: boolean } | null;
}
export interface Benefit {
  measure: string; expected: number; avoided: number; lo: number; hi: number; p_harm: number; cost: number; cost_source: string;
  cost_per_avoided: number | null; evidence: string[]; grade: string;
}
export interface TypeLine {
  measure: string; name: string; name_en: string; listed: boolean; letter: string; p_reduces: number | null; avoided: number; cost: number | null; cost_per_avoided: number | null;
  avoided_interval?: [number, number]; cost_interval?: [number, number | null] | null;
  pooled: { sites: number; y: number; expected: number; theta: number; se: number; lo: number; hi: number; chi2_per_df: number };
  net: [number, number, number] | null; works: number; worse: number;
  /** Among the other types: drawn towards them, and the rank it shares where intervals overlap by more than half. */
  place?: { shrunk: number; lo: number; hi: number; p_reduces: number; rank: number } | null;
  picture?: { profile: Record<string, unknown>[]; left_out: number; opinions: Opinion[] };
}
/** Days that count on neither side of an evaluation; `to` is the last one. */
export interface Gap { from: string; to: string; kind: "data_outage" | "road_closure" | "epidemic" | "other"; note: string }
export interface Calibration { judged: number; works: number; worse: number; covered: number; pooled: { theta: number; lo: number; hi: number } | null }
export interface Effects {
  today: string; data: { from: string; until: string }; sites: number; treatments: number; assumed_school: boolean; league: TypeLine[];
  references: { category: string; sites: number; phi: number; psi: number; pooled: boolean; recency: { k: number; s2: number; rho: number } | null }[];
  placebo: { untreated: number; rule: string; dates: string[]; after_days?: number; pretended: number; estimator: Calibration; naive: Calibration; refused: [string, string] | null };
  engine: string;
}
export interface Imported {
  read: number; new: number; same: number; refused: number; cases: string[];
  findings: { row: number; no: string; field: string; value: string; code: string; zh: string; en: string; refused: boolean }[];
}

const V = "/api/v1";
const id = encodeURIComponent;

export const cases = {
  catalogue: () => call<Catalogue>("GET", `${V}/catalogue`),
  measure: (code: string) => call<MeasureSheet>("GET", `${V}/catalogue/measures/${id(code)}`),
  editMeasure: (code: string, wish: { row: Record<string, string> | null; reason: string; seen: string }) => call<{ id: string }>("PUT", `${V}/catalogue/measures/${id(code)}`, wish),
  list: (signal?: AbortSignal) => call<{ cases: Case[]; today: string }>("GET", `${V}/cases`, undefined, signal),
  one: (no: string) => call<CaseDetail>("GET", `${V}/cases/${id(no)}`),
  create: (site: string, content: Content, key: string) => call<{ id: string }>("POST", `${V}/cases`, { site, content }, undefined, { "Idempotency-Key": key }),
  act: (no: string, version: number, step: Step) => call<{ version: number }>("POST", `${V}/cases/${id(no)}/actions`, { version, step }, undefined, { "Idempotency-Key": writeKey() }),
  addPhoto: (no: string, form: FormData) => call<{ id: string }>("POST", `${V}/cases/${id(no)}/photos`, form),
  removePhoto: (no: string, photo: string) => call<void>("DELETE", `${V}/cases/${id(no)}/photos/${id(photo)}`),
  photo: (no: string, photo: string) => `${V}/cases/${id(no)}/photos/${id(photo)}`,
  diagnosis: (site: string) => call<Diagnosis>("GET", `${V}/sites/${id(site)}/diagnosis`),
  ofSite: (site: string) => call<{ cases: Case[] }>("GET", `${V}/sites/${id(site)}/cases`),
  benefits: (site: string, measures: string[]) => call<{ refused: string | null; benefits: Benefit[] }>("GET", `${V}/sites/${id(site)}/benefits?measure=${measures.map(id).join(",")}`),
  effects: () => call<{ effects: Effects | null }>("GET", `${V}/effects`),
  gaps: () => call<{ gaps: Gap[] }>("GET", `${V}/effect-gaps`),
  setGaps: (gaps: Gap[]) => call<{ gaps: Gap[] }>("PUT", `${V}/effect-gaps`, { gaps }),
  evaluate: (all: boolean) => call<{ job: string }>("POST", `${V}/effects/run`, { all }),
  importTable: (form: FormData) => call<Imported>("POST", `${V}/case-imports`, form),
  day: () => call<{ today: string; set: boolean; may_set: boolean }>("GET", `${V}/case-day`),
  setDay: (day: string | null) => call<{ today: string }>("PUT", `${V}/case-day`, { day }),
  geojson: (version: number) => `${location.origin}${V}/cases.geojson?v=${version}`,
};
