// How are ids of alternatives, marks and requirements said in words a planner knows?
import type { Plan, Wish } from "../api_plan";
import { decimal, lang, number } from "../words";
import { planWords } from "../words/plan";

/** Thousandths of a weighted ticket as people read them. */
export const tickets = (thousandths: number): string => decimal(thousandths / 1000);

/** A figure of the aim itself: yuan where the plan is made for net benefit, else tickets. */
export const amount = (wish: Wish, n: number): string => (wish.mode === "net" ? `¥${number(n)}` : tickets(n));

/** The words for figures of the aim. */
export const aimWords = (wish: Wish) => (wish.mode === "net" ? { ...planWords.value, ...planWords.value.net } : planWords.value);

/** What the figure of the aim is called: a plan that promises less than the expected value says so. */
export function aimName(wish: Wish): string {
  const w = planWords.value;
  const years = wish.horizon_years ?? 5;
  return w.atLeast[wish.mode ?? "expected"]?.(years, wish.gamma ?? 0) ?? w.benefit(years);
}

/** What the works of a plan are expected to bring together, in thousandths of a weighted ticket. */
export const expectedOf = (plan: Plan): number => plan.works.reduce((sum, x) => sum + x.benefit, 0);

export const yuanOf = (cost: Record<string, number>): number => Object.values(cost).reduce((a, b) => a + b, 0);

export function measureName(plan: Plan, id: string): string {
  const known = plan.names?.[id] ?? plan.works.flatMap((x) => x.measures).filter((m) => m.id === id).map((m) => [m.name, m.name_en] as const)[0];
  return known ? known[lang.value === "en" ? 1 : 0] : id;
}

export const siteName = (plan: Plan, site: string): string => plan.needs.find((n) => n.site === site)?.name || site;

export const measureNames = (plan: Plan, ids: string[]): string => ids.map((m) => measureName(plan, m)).join(lang.value === "en" ? ", " : "、");

/** A mark of the wish or the id of an alternative. */
export function markName(plan: Plan, mark: string): string {
  const w = planWords.value;
  if (mark.startsWith("*:")) return w.anySite(measureName(plan, mark.slice(2)));
  const [base = "", year] = mark.split("@y");
  const cut = base.indexOf(":");
  if (cut < 0) return siteName(plan, base);
  const bundle = base.slice(cut + 1);
  const what = bundle === "standard" ? w.standardBundle : measureNames(plan, bundle.split("+"));
  return `${siteName(plan, base.slice(0, cut))}${lang.value === "en" ? ": " : "："}${what}${year ? w.inYear(year) : ""}`;
}

/** A requirement of a conflict: `budget:交警@y2`, `mandatory:12:camera_parking`, `requires:a->b`. */
export function requirement(plan: Plan, text: string): string {
  const w = planWords.value.req;
  const cut = text.indexOf(":");
  const [kind, rest] = [text.slice(0, cut), text.slice(cut + 1)];
  const two = (by: string): [string, string] => {
    const at = rest.indexOf(by);
    return [markName(plan, rest.slice(0, at)), markName(plan, rest.slice(at + by.length))];
  };
  switch (kind) {
    case "budget": {
      const [d = "", y] = rest.split("@y");
      return y ? w.budgetYear(d, y) : w.budget(d);
    }
    case "mandatory": return w.mandatory(markName(plan, rest));
    case "forbidden": return w.forbidden(markName(plan, rest));
    case "requires": return w.requires(...two("->"));
    case "exclusion": return w.exclusion(...two("-"));
    case "floor": return w.floor(rest === "limit" ? planWords.value.numberCap : rest);
    case "cap": return w.cap(rest === "limit" ? planWords.value.numberCap : rest);
    default: return text;
  }
}
