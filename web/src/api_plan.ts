// What can be asked about plans of measures? Types and addresses; fetching itself is in api.ts.
import { call, type LonLat } from "./api";

const V = "/api/v1";

export type Mode = "expected" | "cautious" | "robust" | "net";
export type Purse = Record<string, number>;
export interface Group { name: string; measures?: string[]; sites?: string[]; year?: number | null; floor?: number | null; cap?: number | null }
export interface Wish {
  budgets: Purse; years?: Purse[]; mode?: Mode; gamma?: number; value_per_ticket?: number; horizon_years?: number; rate?: number; gap_limit?: number; draws?: number;
  mandatory?: string[]; forbidden?: string[]; prerequisites?: [string, string][]; exclusions?: [string, string][]; groups?: Group[];
  price_staff?: boolean; reserve_controls?: number; standard?: boolean; seed?: number;
}
export interface Till { department: string; year: number | null; asked: boolean; budget: number; spent: number; per_10000: number; more: number | null; binds: boolean }
export interface Money { percent: number; allowed: number; spent: number; benefit: number; bound: number; chosen: string[] }
export interface Remark { zh: string; en: string }
export interface Promised {
  id: string; name: string; name_en: string; quantity: number; unit: string; department: string; partners: string[]; evidence: string; standards: string[];
  cost: number; staff_cost: number; cost_source: string; life_years: number; multiplier: number; interval: [number, number]; local: number;
}
export interface Work {
  id: string; site: string; name: string; point: LonLat | null; start: number; cost: Purse; staff_cost: number; standard: boolean; benefit: number; benefit_low: number; benefit_high: number;
  prevented_a_year: number; prevented_low: number; prevented_high: number; life_years: number; lead_days: number; start_on: string; done_by: string; evaluate_on: string;
  remarks: Remark[]; stability: number | null; doubtful: boolean; measures: Promised[];
}
export interface Alternative { id: string; site: number; start: number; measures: string[]; benefit: number; cost: Purse; standard: boolean }
export interface Need { site: string; name: string; point: LonLat | null; facts?: Record<string, number> }
export interface Lot { treated: string; control: string; would_be: string; drawn: "optimum" | "control"; held: boolean }
export interface Asked { zh: string; en: string; standard: string; measure: string | null; mandatory: boolean; standing: "stands" | "missing" | "unrecorded" | "not_needed" }
export interface Plan {
  id: string; name: string; created_by: string; created_at: string; made_on?: string; adopted_by: string | null; simulated: boolean; engine?: string; wish: Wish; works: Work[];
  alternatives: Alternative[]; needs: Need[]; names?: Record<string, [string, string]>; standards?: Record<string, Asked[]>; local?: Record<string, unknown[]>;
  ruled_out?: { site: string; measure: string; name: string; name_en: string; why: Remark }[];
  plan: {
    status: "optimal" | "gap" | "infeasible" | "unknown"; chosen: string[]; benefit: number; optimum: number; bound: number; gap: number; stopped?: boolean; cost: number; staff_cost: number; tills: Till[];
    stability: Record<string, number>; frontier: Money[]; ranking: { chosen: string[]; benefit: number; cost: number }; controls: Lot[];
    conflict: string[]; repair_extra: Purse; repair_dropped: string[]; repaired: string[]; repaired_benefit: number; without_budget: string[]; work: [number, number]; seed: number;
  };
}
export interface Brief { id: string; name: string; created_by: string; created_at: string; adopted_by: string | null; status: string; benefit: number; cost: number; gap: number; works: number }
export interface Why { id: string; inside: boolean; drawn: Lot | null; best: boolean; possible: boolean; proved: boolean; loss: number; leaves: string[]; enters: string[]; forbidden_by: string[]; without_budget: string[]; enters_at: number | null }
export interface Job { id: string; state: string; stage: string; done: number; total: number; message: string }

const of = (no: string) => `${V}/plans/${encodeURIComponent(no)}`;

export const plans = {
  list: () => call<{ plans: Brief[] }>("GET", `${V}/plans`),
  one: (no: string) => call<Plan>("GET", of(no)),
  make: (name: string, wish: Wish, sites: number) => call<{ job: string }>("POST", `${V}/plans`, { name, wish, sites }),
  job: (no: string) => call<Job>("GET", `${V}/jobs/${encodeURIComponent(no)}`),
  stop: (no: string) => call<void>("DELETE", `${V}/jobs/${encodeURIComponent(no)}`),
  explain: (no: string, alternative: string) => call<{ why: Why }>("POST", `${of(no)}/explain`, { alternative }),
  adopt: (no: string, reason: string) => call<{ cases: string[] }>("POST", `${of(no)}/adopt`, { reason }),
  workbook: (no: string) => `${of(no)}/plan.xlsx`,
  geojson: (no: string) => `${of(no)}/plan.geojson`,
};
