// How does a verdict look? A colour and a shape of its own, the same in lists, on the map and on paper.
import type { Brief, CaseDetail, EffectRecord } from "../api_cases";
import { caseWords } from "../words/cases";
import { lang } from "../words";

export const VERDICT_COLOURS: Record<string, string> = {
  works: "#009e73", worse: "#d55e00", no_change: "#0072b2", no_evidence: "#e69f00", too_early: "#7a8a92",
};
export const colourOf = (verdict: string | null | undefined): string => VERDICT_COLOURS[verdict ?? ""] ?? "#a7b2b8";

const SHAPES: Record<string, string> = {
  works: "M8 14 1.5 3h13Z", worse: "M8 2l6.5 11h-13Z", no_change: "M2 2h12v12H2Z", no_evidence: "M8 1l7 7-7 7-7-7Z", too_early: "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13Zm0 2.2a4.3 4.3 0 1 0 0 8.6 4.3 4.3 0 0 0 0-8.6Z",
};

export function VerdictMark({ verdict }: { verdict: string | null | undefined }) {
  return (
    <svg class="verdict-mark" viewBox="0 0 16 16" width="15" height="15" aria-hidden="true" focusable="false">
      <path d={SHAPES[verdict ?? ""] ?? "M2 7h12v2H2Z"} fill={colourOf(verdict)} />
    </svg>
  );
}

/** The sentence of section 7 in the reader's language, interval and all. */
export const sentenceOf = (r: Brief | EffectRecord): string => (lang.value === "zh" ? r.zh : r.en);
export const countsOf = (r: Brief | EffectRecord): string => (lang.value === "zh" ? r.counts_zh : r.counts_en);
/** What the type of measure lets one say of this site, when it lets one say anything: its interval leaves 1 out. */
export function typeOf(r: Brief | EffectRecord): string {
  const b = r.borrowed;
  return b && (b.hi < 1 || b.lo > 1) ? caseWords.value.borrowedSays(String(b.sites), b.theta, b.lo, b.hi) : "";
}
export const adviceOf = (r: Brief | EffectRecord): string => (lang.value === "zh" ? r.advice_zh : r.advice_en);

/** A verdict in a word, with "likely" where many sites were looked at. */
export function VerdictTag({ brief }: { brief: Brief | null }) {
  const w = caseWords.value;
  if (!brief) return <span class="verdict-tag"><VerdictMark verdict={null} /> {w.unjudged}</span>;
  const doubt = (brief.verdict === "works" || brief.verdict === "worse") && brief.q !== null && brief.q > 0.1;
  return (
    <span class="verdict-tag">
      <VerdictMark verdict={brief.verdict} /> {brief.interim && (brief.verdict === "works" || brief.verdict === "worse") ? `${w.interim}` : ""}{doubt ? w.likely : ""}{w.verdicts[brief.verdict] ?? brief.verdict}
    </span>
  );
}

export const nameOf = (m: [string, string, string] | { name: string; name_en: string }): string =>
  Array.isArray(m) ? (lang.value === "zh" ? m[1] : m[2]) : lang.value === "zh" ? m.name : m.name_en;

/** The newest version of the latest look at the measures decided last. */
export function latest(c: CaseDetail) {
  const order = ["first", "second", "final"];
  return c.evaluations.filter((e) => e.current).sort((a, b) => order.indexOf(a.look) - order.indexOf(b.look) || a.version - b.version).at(-1) ?? null;
}
