// What can be asked about plans of measures? Types and addresses; fetching itself is in api.ts.
import { call, type LonLat } from "./api";

const V = "/api/v1";

export type Mode = "expected" | "cautious" | "robust" | "net";
export interface Wish {
  budgets: Record<string, number>; mode?: Mode; gamma?: number; value_per_ticket?: number; horizon_years?: number; rate?: number;
  gap_limit?: number; draws?: number; mandatory?: string[]; forbidden?: string[]; seed?: number;
}
export interface Till { department: string; budget: number; spent: number; per_10000: number; binds: boolean }
export interface Money { percent: number; allowed: number; spent: number; benefit: number; bound: number; chosen: string[] }
export interface Work {
  id: string; site: string; name: string; point: LonLat | null; cost: Record<string, number>; benefit: number; benefit_low: number; benefit_high: number;
  prevented_a_year: number; lead_days: number; evaluate_after_days: number; remarks: string[]; stability: number | null; doubtful: boolean;
  measures: { id: string; name: string; name_en: string; quantity: number; unit: string; department: string; partners: string[]; evidence: string; cost_source: string }[];
}
export interface Alternative { id: string; site: number; measures: string[]; benefit: number; cost: Record<string, number> }
export interface Plan {
  id: string; name: string; created_by: string; created_at: string; adopted_by: string | null; simulated: boolean; wish: Wish; works: Work[];
  alternatives: Alternative[]; needs: { site: string; name: string }[];
  plan: {
    status: "optimal" | "gap" | "infeasible" | "unknown"; chosen: string[]; benefit: number; bound: number; gap: number; cost: number; tills: Till[];
    frontier: Money[]; ranking: { chosen: string[]; benefit: number; cost: number }; controls: { treated: string; control: string }[];
    conflict: string[]; repair_extra: Record<string, number>; repair_dropped: string[]; without_budget: string[];
  };
}
export interface Brief { id: string; name: string; created_by: string; created_at: string; adopted_by: string | null; status: string; benefit: number; cost: number; gap: number; works: number }
export interface Why { id: string; inside: boolean; possible: boolean; loss: number; leaves: string[]; enters: string[]; forbidden_by: string[]; without_budget: string[] }
export interface Job { id: string; state: string; stage: string; done: number; total: number; message: string }

export const plans = {
  list: () => call<{ plans: Brief[] }>("GET", `${V}/plans`),
  one: (no: string) => call<Plan>("GET", `${V}/plans/${encodeURIComponent(no)}`),
  make: (name: string, wish: Wish, sites: number) => call<{ job: string }>("POST", `${V}/plans`, { name, wish, sites }),
  job: (no: string) => call<Job>("GET", `${V}/jobs/${encodeURIComponent(no)}`),
  stop: (no: string) => call<void>("DELETE", `${V}/jobs/${encodeURIComponent(no)}`),
  explain: (no: string, alternative: string) => call<{ why: Why }>("POST", `${V}/plans/${encodeURIComponent(no)}/explain`, { alternative }),
  adopt: (no: string) => call<{ cases: string[] }>("POST", `${V}/plans/${encodeURIComponent(no)}/adopt`, {}),
};
