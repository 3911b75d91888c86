// What does one case say: the verdict for a leader, the method for an engineer, the file for those who work on it?
import { useSignal } from "@preact/signals";
import { cases, type CaseDetail } from "../api_cases";
import { ExpectedBars } from "../charts/expected";
import { MonthsExpected } from "../charts/months_expected";
import { Waterfall } from "../charts/waterfall";
import { useLoad } from "../load";
import { go } from "../state";
import { jobNews } from "../store";
import { IconButton, Panel } from "../ui";
import { lang, number, words } from "../words";
import { caseWords } from "../words/cases";
import { CaseMap } from "./case_map";
import { CaseDiagnosis } from "./diagnosis";
import { Engineer } from "./engineer";
import { CaseFile } from "./file";
import { adviceOf, countsOf, latest, nameOf, sentenceOf, VerdictMark } from "./marks";
import { Photos } from "./photos";
import { SentBack } from "./sent_back";
import { Works } from "./works";

type Tab = "leader" | "engineer" | "file";

export function CasePage({ no }: { no: string }) {
  const w = caseWords.value;
  const tab = useSignal<Tab>("leader");
  const { state, again } = useLoad(() => {
    if (jobNews.value?.kind === "effect") void jobNews.value.state;
    return cases.one(no);
  });
  const one = state.value.kind === "ready" ? state.value.value : null;
  const pick = (id: Tab, name: string) => (
    <button type="button" role="tab" id={`ctab-${id}`} aria-selected={tab.value === id} aria-controls="case-body" tabIndex={tab.value === id ? 0 : -1} onClick={() => (tab.value = id)}
      onKeyDown={(e) => { const all: Tab[] = ["leader", "engineer", "file"]; const step = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? 2 : 0; if (step) { tab.value = all[(all.indexOf(id) + step) % 3]!; document.getElementById(`ctab-${tab.value}`)?.focus(); } }}>
      {name}
    </button>
  );
  return (
    <article class="narrow case-page">
      <header class="case-head">
        <IconButton icon="back" label={words.value.app.back} onClick={() => go({ page: "cases", item: null })} />
        <div>
          <p class="sheet-only sheet-title">{w.sheetTitle} · {w.number} {no}</p>
          <h1>{one ? one.title || one.site_name : w.title}</h1>
          {one && <Tags one={one} />}
        </div>
        {one && <button type="button" class="button no-print" onClick={() => window.print()}>{w.sheet}</button>}
      </header>
      <div class="tabs no-print" role="tablist">{pick("leader", w.leaderTab)}{pick("engineer", w.engineerTab)}{pick("file", w.fileTab)}</div>
      <div id="case-body" role="tabpanel" aria-labelledby={`ctab-${tab.value}`}>
        <Panel state={state.value} again={again}>
          {(c) => (tab.value === "leader" ? <Leader c={c} again={again} /> : tab.value === "engineer" ? <Engineer c={c} /> : <CaseFile c={c} again={again} />)}
        </Panel>
      </div>
    </article>
  );
}

function Tags({ one }: { one: CaseDetail }) {
  const w = caseWords.value;
  return (
    <p class="site-kind">
      <span class="tag on">{lang.value === "zh" ? one.state_title : one.state_title_en}</span>
      {one.problem_title && <span class="tag">{one.problem_title}</span>}
      <a class="tag" href={`#/map?site=${one.site}`}>{one.site_name}</a>
      {one.owner && <span class="tag">{w.owner} {one.owner}</span>}
      {one.simulated && <span class="tag warn">{w.simulated}</span>}
    </p>
  );
}

function Leader({ c, again }: { c: CaseDetail; again: () => void }) {
  const w = caseWords.value;
  const last = latest(c);
  const r = last?.record ?? null;
  return (
    <div class="leader">
      {r && last ? (
        <section class={`verdict-card v-${r.verdict}`}>
          <VerdictMark verdict={r.verdict} />
          <div>
            <h2>{sentenceOf(r)}</h2>
            {countsOf(r) && <p>{countsOf(r)}</p>}
            {r.borrowed && <p>{w.borrowedSays(number(r.borrowed.sites), r.borrowed.theta, r.borrowed.lo, r.borrowed.hi)}</p>}
            <p class="dim">{adviceOf(r)}</p>
            <p class="dim">{w.looks[last.look]} · {w.lastRun(r.data_until)}{c.next_look ? ` · ${w.next} ${c.next_look}` : ""}</p>
          </div>
        </section>
      ) : (
        <section class="verdict-card">
          <VerdictMark verdict={null} />
          {["write", "approve"].includes(c.waits) ? <div><h2>{lang.value === "zh" ? c.state_title : c.state_title_en}</h2><p>{w.notDecided}</p></div> : <div><h2>{w.noVerdictYet}</h2><p>{c.next_look ? w.firstLook(c.next_look) : w.waitsWorks}</p></div>}
        </section>
      )}
      <SentBack c={c} />
      {c.notices.length > 0 && (
        <section class="no-print-if-empty"><h3>{w.notices}</h3><ul class="notices">{c.notices.map((n, i) => <li key={i}>{lang.value === "zh" ? n.zh : n.en}</li>)}</ul></section>
      )}
      <div class="leader-grid">
        {r && r.expected !== null && <section class="card"><h3>{w.expectedVs}</h3><ExpectedBars record={r} /></section>}
        {r?.waterfall && (
          <section class="card">
            <details open={(r.waterfall.falling_back ?? 1) < 0.85 || r.flags.some((f) => f.code === "rtm_strong") || r.verdict !== "works"}>
              <summary><h3>{w.waterfall}</h3></summary>
              <Waterfall record={r} />
            </details>
          </section>
        )}
        {r?.months && <section class="card wide"><h3>{w.monthsTitle}</h3><MonthsExpected months={r.months} /></section>}
        <section class="card"><h3>{w.map}</h3><CaseMap key={`${c.id}.${c.version}`} c={c} /></section>
        <Photos c={c} again={again} />
        <section class="card wide"><h3>{w.measures}</h3><Works works={c.works} /></section>
        <CaseDiagnosis key={c.site} site={c.site} words={c.diagnosis} partners={c.partners} />
      </div>
      <section class="sheet-only sheet-foot">
        <dl><div><dt>{w.decision}</dt><dd /></div><div><dt>{w.sign}</dt><dd /></div></dl>
        <p>{w.made} {new Date().toISOString().slice(0, 10)}{c.simulated ? ` · ${w.simulated}` : ""}{last ? ` · ${w.print} ${last.print.slice(0, 16)} · ${w.version(last.version)}` : ""} · {c.measures.map(nameOf).join("＋")}</p>
      </section>
    </div>
  );
}
