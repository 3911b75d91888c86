// What has happened to a case, and what may this person do next? Acts with their fields, visits, timeline.
import { useSignal } from "@preact/signals";
import { cases, type CaseDetail, type Step, type WorkView } from "../api_cases";
import { go } from "../state";
import { SiteDuty } from "../panels/site_duty";
import { sentence, tell } from "../store";
import { ActButton } from "../ui";
import { lang, minute } from "../words";
import { caseWords } from "../words/cases";
import { CaseTimeline } from "../charts/case_timeline";
import { VerdictMark } from "./marks";
import { SentBack } from "./sent_back";

export function CaseFile({ c, again }: { c: CaseDetail; again: () => void }) {
  const w = caseWords.value;
  const send = async (step: Step) => {
    try {
      await cases.act(c.id, c.version, step);
      tell(w.done);
    } catch (why) {
      tell(sentence(why), "bad");
    }
    again();
  };
  const may = (action: string) => c.acts.some((a) => a.action === action);
  const simple = c.acts.filter((a) => !["edit", "date_works"].includes(a.action));
  return (
    <div class="case-file">
      <section class="card">
        <h3>{w.acts}</h3>
        <div class="row">
          {may("edit") && <button type="button" class="button" onClick={() => go({ item: `edit-${c.id}` })}>{w.edit}</button>}
        </div>
        <SentBack c={c} />
        {may("propose") && <p class="hint">{w.proposeNote}</p>}
        {simple.map((a) => <Act key={a.action} action={a.action} name={lang.value === "zh" ? a.title : a.title_en} send={send} />)}
      </section>
      {may("date_works") && <section class="card"><h3>{w.dateWorks}</h3>{c.works.map((k) => <Dates key={`${k.n}.${c.version}`} k={k} send={send} />)}</section>}
      {c.visits.length > 0 && <section class="card"><h3>{w.visits}</h3><ul class="history">{c.visits.map((v, i) => <li key={i}><time>{v.on}</time> {v.seen} <span class="dim">{v.by}</span></li>)}</ul></section>}
      <section class="card wide-chart"><h3>{w.timelineTitle}</h3><CaseTimeline c={c} /></section>
      <div class="wide-chart"><SiteDuty key={c.site} site={c.site} /></div>
      <section class="card">
        <h3>{w.timeline}</h3>
        <ol class="history">
          {[...c.events].reverse().map((e, i) => (
            <li key={i}>
              <time>{minute(e.at)}</time> <b>{w.events[e.kind] ?? e.kind}</b> <span class="dim">{e.actor}</span>
              {e.kind === "verdict" && <span> <VerdictMark verdict={String(e.body.verdict)} /> {w.looks[String(e.body.look)]} · {w.verdicts[String(e.body.verdict)]} · {w.version(Number(e.body.version))}</span>}
              {typeof e.body.reason === "string" && <span> {e.body.reason}</span>}
              {typeof e.body.text === "string" && <span> {e.body.text}</span>}
              {e.kind === "date_works" && <span> {String(e.body.work)}: {String(e.body.works_start ?? "–")} – {String(e.body.works_end ?? "–")}{e.body.removed ? ` · ${w.removed} ${String(e.body.removed)}` : ""}</span>}
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}

const FIELD: Record<string, "reason" | "text" | "seen" | "decided" | null> = { send_back: "reason", withdraw: "reason", close: "reason", relapse: "reason", comment: "text", visit: "seen", approve: "decided", propose: null };

function Act({ action, name, send }: { action: string; name: string; send: (step: Step) => Promise<void> }) {
  const w = caseWords.value;
  const text = useSignal("");
  const day = useSignal("");
  const field = FIELD[action] ?? null;
  const press = () => {
    const step: Step = { action };
    if (field === "decided") step.decided = day.value || null;
    else if (field) step[field] = text.value;
    if (action === "visit") step.on = day.value || null;
    return send(step).then(() => { text.value = ""; });
  };
  const main = action === "propose" || action === "approve";
  if (!field) return <ActButton class={main ? "primary" : ""} act={press}>{name}</ActButton>;
  return (
    <details class="act" open={action === "approve"}>
      <summary>{name}</summary>
      {(field === "decided" || action === "visit") && <label class="field"><span class="label">{field === "decided" ? w.decided : w.onDay}</span><input type="date" value={day.value} onInput={(e) => (day.value = e.currentTarget.value)} /></label>}
      {field === "decided" && <p class="hint">{w.decidedToday}</p>}
      {field !== "decided" && <label class="field"><span class="label">{field === "reason" ? w.reason : field === "seen" ? w.seen : w.text}</span><textarea value={text.value} maxLength={4000} onInput={(e) => (text.value = e.currentTarget.value)} /></label>}
      <ActButton class={main ? "primary" : ""} act={press} disabled={field !== "decided" && !text.value.trim()}>{name}</ActButton>
    </details>
  );
}

function Dates({ k, send }: { k: WorkView; send: (step: Step) => Promise<void> }) {
  const w = caseWords.value;
  const start = useSignal(k.works_start ?? "");
  const end = useSignal(k.works_end ?? "");
  const removed = useSignal(k.removed ?? "");
  const cost = useSignal(k.cost_yuan === null ? "" : String(k.cost_yuan));
  const date = (name: string, s: typeof start) => <label class="field"><span class="label">{name}</span><input type="date" value={s.value} onInput={(e) => (s.value = e.currentTarget.value)} /></label>;
  return (
    <fieldset class="work-dates">
      <legend>{k.n}. {lang.value === "zh" ? k.name : k.name_en}</legend>
      <div class="four">
        {date(w.worksStart, start)}{date(w.worksEnd, end)}{date(w.removed, removed)}
        <label class="field"><span class="label">{w.cost}</span><input inputMode="numeric" value={cost.value} onInput={(e) => (cost.value = e.currentTarget.value.replace(/\D/g, ""))} /></label>
      </div>
      <ActButton act={() => send({ action: "date_works", work: k.n, works_start: start.value || null, works_end: end.value || null, removed: removed.value || null, cost_yuan: cost.value ? Number(cost.value) : null })}>{w.saveDates}</ActButton>
    </fieldset>
  );
}
