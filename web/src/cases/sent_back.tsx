// Why did a proposal come back, and from whom?
import type { CaseDetail } from "../api_cases";
import { minute } from "../words";
import { caseWords } from "../words/cases";

/** Why a proposal came back, in the words of the one who sent it. */
export function SentBack({ c }: { c: CaseDetail }) {
  const w = caseWords.value;
  const last = c.state === "returned" ? [...c.events].reverse().find((e) => e.kind === "send_back") : undefined;
  if (!last) return null;
  return <section><ul class="notices"><li><b>{w.events.send_back}</b> {String(last.body.reason ?? "")} <span class="dim">{last.actor} · {minute(last.at)}</span></li></ul></section>;
}
