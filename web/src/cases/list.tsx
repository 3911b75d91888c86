// Which cases wait for whom, and what did each come to? A list that is cut by what waits and by verdict.
import { useSignal } from "@preact/signals";
import { cases, type Case } from "../api_cases";
import { useLoad } from "../load";
import { go } from "../state";
import { dataVersion, jobNews, power } from "../store";
import { Panel } from "../ui";
import { lang, number } from "../words";
import { caseWords } from "../words/cases";
import { DemoDay } from "./demo_day";
import { countsOf, nameOf, sentenceOf, typeOf, VerdictMark, VerdictTag } from "./marks";
import { CaseTabs } from "./tabs";

const WAITS = ["approve", "write", "start_works", "finish_works", "look", "close"];
const VERDICTS = ["worse", "works", "no_evidence", "no_change", "too_early", "none"];

export function CaseList() {
  const w = caseWords.value;
  const wait = useSignal<string | null>(null);
  const verdict = useSignal<string | null>(null);
  const { state, again } = useLoad((signal) => {
    void dataVersion.value;
    if (jobNews.value?.kind === "effect") void jobNews.value.state;
    return cases.list(signal);
  });
  return (
    <div class="narrow cases">
      <header class="page-head">
        <div><h1>{w.title}</h1><p class="dim">{w.lead}</p></div>
        <CaseTabs here="list" />
      </header>
      {["edit", "approve", "sign"].includes(power("sites")) && <DemoDay after={again} />}
      <Panel state={state.value} again={again} empty={(v) => (v.cases.length ? null : <p>{w.none}</p>)}>
        {({ cases: all, today }) => {
          const of = (c: Case) => (c.verdict ? (VERDICTS.includes(c.verdict.verdict) ? c.verdict.verdict : "other") : "none");
          const shown = all.filter((c) => (!wait.value || c.waits === wait.value) && (!verdict.value || of(c) === verdict.value));
          const chip = (signal: typeof wait, value: string, name: string, n: number, mark?: string) => n > 0 && (
            <button key={value} type="button" class="chip" aria-pressed={signal.value === value} onClick={() => (signal.value = signal.value === value ? null : value)}>
              {mark !== undefined && <VerdictMark verdict={mark} />} {name} <b>{number(n)}</b>
            </button>
          );
          return (
            <>
              <div class="chips" role="group" aria-label={w.byWait}><span class="label">{w.byWait}</span>{WAITS.map((k) => chip(wait, k, w.waits[k]!, all.filter((c) => c.waits === k).length))}</div>
              <div class="chips" role="group" aria-label={w.byVerdict}><span class="label">{w.byVerdict}</span>{VERDICTS.map((k) => chip(verdict, k, k === "none" ? w.unjudged : w.verdicts[k]!, all.filter((c) => of(c) === k).length, k === "none" ? "" : k))}{chip(verdict, "other", w.verdicts.overlap!, all.filter((c) => of(c) === "other").length, "")}</div>
              <p class="hint" role="status">{w.today(today)} · {number(shown.length)} / {number(all.length)}</p>
              {shown.length === 0 ? <p class="state">{w.noMatch}</p> : <ul class="case-list">{shown.map((c) => <Row key={c.id} c={c} />)}</ul>}
            </>
          );
        }}
      </Panel>
    </div>
  );
}

export function Row({ c }: { c: Case }) {
  const w = caseWords.value;
  const state = lang.value === "zh" ? c.state_title : c.state_title_en;
  return (
    <li>
      <a class="case-row" href={`#/cases?item=${c.id}`} onClick={(e) => { e.preventDefault(); go({ page: "cases", item: c.id, site: null, ticket: null }); }}>
        <span class="case-name">
          <b>{c.title || c.site_name}</b>
          <small>{c.measures.map(nameOf).join("＋") || "–"} · {c.site_name}{c.owner ? ` · ${c.owner}` : ""}</small>
        </span>
        <span class="case-verdict">
          <VerdictTag brief={c.verdict} />
          <small>{c.verdict ? sentenceOf(c.verdict) : c.next_look ? w.firstLook(c.next_look) : ""}</small>
          {c.verdict && countsOf(c.verdict) && <small class="dim">{countsOf(c.verdict)}</small>}
          {c.verdict && typeOf(c.verdict) && <small>{typeOf(c.verdict)}</small>}
        </span>
        <span class="case-state">
          <span class="tag on">{state}</span>
          {c.simulated && <span class="tag warn">{w.simulated}</span>}
          {c.next_look && c.verdict && <small class="dim">{w.next} {c.next_look}</small>}
        </span>
      </a>
    </li>
  );
}
