// Which measures may be planned with, at which figures, from where; and how does a planner put the city's own in their place?
import { useSignal } from "@preact/signals";
import { Problem } from "../api";
import { cases, type Catalogue, type Measure, type MeasureSheet } from "../api_cases";
import { useLoad } from "../load";
import { go } from "../state";
import { power, sentence, tell } from "../store";
import { ActButton, IconButton, Panel } from "../ui";
import { lang, minute, number, words } from "../words";
import { caseWords } from "../words/cases";
import { published } from "../words/published";
import { measureColumns } from "../words/measure_columns";
import { nameOf } from "./marks";
import { CaseTabs } from "./tabs";

const edits = () => ["edit", "approve", "sign"].includes(power("sites"));

export function CataloguePage() {
  const w = caseWords.value;
  const { state, again } = useLoad(() => cases.catalogue());
  const text = useSignal("");
  const kind = useSignal("");
  return (
    <div class="narrow cases">
      <header class="page-head"><div><h1>{w.catalogue}</h1><p class="dim">{w.catalogueLead}</p></div><CaseTabs here="catalogue" /></header>
      <Panel state={state.value} again={again}>
        {(c) => {
          const named = new Map(c.kinds.map((k) => [k.id, nameOf(k)]));
          const sought = text.value.trim().toLowerCase();
          const fits = (m: Measure) => (!sought || `${m.id} ${m.name} ${m.name_en} ${m.sort}`.toLowerCase().includes(sought)) && (!kind.value || m.main.includes(kind.value) || m.side.includes(kind.value));
          const list = c.measures.filter(fits);
          return (
            <>
              <div class="row catalogue-find">
                <input type="search" aria-label={w.find} placeholder={w.find} value={text.value} onInput={(e) => (text.value = e.currentTarget.value)} />
                <select aria-label={w.problem} value={kind.value} onChange={(e) => (kind.value = e.currentTarget.value)}><option value="">{w.allKinds}</option>{c.kinds.map((k) => <option key={k.id} value={k.id}>{nameOf(k)}</option>)}</select>
                {edits() && <button type="button" class="button" onClick={() => go({ page: "cases", item: "measure-" })}>{w.newMeasure}</button>}
              </div>
              <p class="hint" role="status">{number(list.length)} / {number(c.measures.length)} · {w.catalogueNote}</p>
              <div class="table-wrap" tabIndex={0}><table class="plain catalogue">
                <thead><tr><th scope="col">{w.measure}</th><th scope="col">{w.problem}</th><th scope="col" class="num">{w.unitCost}</th><th scope="col" class="num">{w.life}</th><th scope="col" class="num">{w.leadTime}</th><th scope="col">{w.publishedFactor}</th><th scope="col">{w.source}</th></tr></thead>
                <tbody>
                  {list.map((m) => (
                    <tr key={m.id}>
                      <th scope="row"><a href={`#/cases?item=measure-${m.id}`}>{nameOf(m)}</a><small class="dim">{m.id} · {m.standards.join("；")}</small></th>
                      <td>{m.main.map((k) => named.get(k) ?? k).join("、")}</td>
                      <td class="num nowrap">{number(m.unit_cost[0])}–{number(m.unit_cost[1])}<small class="dim">/{w.units[m.unit] ?? m.unit}</small></td>
                      <td class="num">{number(m.life_years)}</td>
                      <td class="num">{number(m.lead_days[0])}–{number(m.lead_days[1])}</td>
                      <td>{published(m.published.effect) || "–"}<small class="dim">{m.published.source} {w.grade} {m.evidence}</small></td>
                      <td>{lang.value === "zh" ? m.source_title : m.source_title_en}</td>
                    </tr>
                  ))}
                </tbody>
              </table></div>
            </>
          );
        }}
      </Panel>
    </div>
  );
}

interface Ground { catalogue: Catalogue; sheet: MeasureSheet | null }

/** One measure: read by all who read cases, written by those who edit measures; an empty code is a new one. */
export function MeasurePage({ code }: { code: string }) {
  const w = caseWords.value;
  const { state, again } = useLoad<Ground>(async () => {
    const [catalogue, sheet] = await Promise.all([cases.catalogue(), code ? cases.measure(code) : Promise.resolve(null)]);
    return { catalogue, sheet };
  });
  return (
    <div class="narrow cases">
      <header class="case-head">
        <IconButton icon="back" label={words.value.app.back} onClick={() => go({ page: "cases", item: "catalogue" })} />
        <h1>{state.value.kind === "ready" ? state.value.value.sheet?.row?.[lang.value === "zh" ? "name_zh" : "name_en"] ?? (code || w.newMeasure) : w.catalogue}</h1>
      </header>
      <Panel state={state.value} again={again}>{(g) => <Form key={g.sheet?.history[0]?.id ?? ""} code={code} g={g} again={again} />}</Panel>
    </div>
  );
}

function Form({ code, g, again }: { code: string; g: Ground; again: () => void }) {
  const w = caseWords.value;
  const columns = measureColumns.value;
  const may = edits();
  const start = g.sheet?.row ?? g.sheet?.shipped ?? {};
  const row = useSignal<Record<string, string>>({ ...start });
  const id = useSignal(code);
  const reason = useSignal("");
  const wrong = useSignal<Record<string, string>>({});
  const seen = g.sheet?.history[0]?.id ?? "";
  const known = { kinds: g.catalogue.kinds.map((k) => k.id), measures: g.catalogue.measures.map((m) => m.id) };
  const send = async (next: Record<string, string> | null) => {
    wrong.value = {};
    try {
      await cases.editMeasure(id.value, { row: next, reason: reason.value, seen });
      tell(w.done);
      if (code === id.value) again();
      else go({ page: "cases", item: `measure-${id.value}` });
    } catch (why) {
      if (why instanceof Problem) wrong.value = Object.fromEntries(why.errors.map((e) => [e.field ?? "", e.message ?? ""]));
      tell(sentence(why), "bad");
    }
  };
  const changed = columns.filter((c) => (row.value[c.id] ?? "") !== (start[c.id] ?? ""));
  return (
    <>
      <section class="card measure-form">
        {code ? <p class="hint"><code>{code}</code> · {g.sheet?.own ? w.ownRow : g.sheet?.shipped ? w.shippedRow : w.takenBack}</p> : (
          <label class="field"><span class="label">{w.code}</span><input value={id.value} maxLength={60} pattern="[a-z0-9_]+" onInput={(e) => (id.value = e.currentTarget.value)} />{wrong.value.id && <span class="error">{wrong.value.id}</span>}</label>
        )}
        <div class="measure-grid">
          {columns.map((c) => {
            const value = row.value[c.id] ?? "";
            const put = (text: string) => (row.value = { ...row.value, [c.id]: text });
            const shipped = g.sheet?.shipped?.[c.id] ?? "";
            const list = c.list ? `list-${c.list}` : undefined;
            return (
              <label key={c.id} class={`field ${c.wide ? "wide" : ""}`}>
                <span class="label">{c.name}{c.hint && <small class="dim"> {c.hint}</small>}</span>
                {c.choices ? (
                  <select value={value} disabled={!may} aria-invalid={c.id in wrong.value} onChange={(e) => put(e.currentTarget.value)}><option value="">–</option>{c.choices.map(([v, n]) => <option key={v} value={v}>{n}</option>)}</select>
                ) : (
                  <input value={value} readOnly={!may} maxLength={1000} inputMode={c.number ? "decimal" : undefined} aria-invalid={c.id in wrong.value} list={list} onInput={(e) => put(e.currentTarget.value)} />
                )}
                {c.id in wrong.value && <span class="error">{wrong.value[c.id]}</span>}
                {g.sheet?.shipped && shipped !== value && <small class="dim">{w.fileSays}: {shipped || "–"}</small>}
              </label>
            );
          })}
        </div>
        <p class="hint">{w.listNote}</p>
        <details><summary>{w.codesOf}</summary><p class="codes">{g.catalogue.kinds.map((k) => `${k.id} ${nameOf(k)}`).join("；")}</p></details>
        {may && (
          <>
            <label class="field"><span class="label">{w.changeReason}</span><input value={reason.value} maxLength={1000} aria-invalid={"reason" in wrong.value} onInput={(e) => (reason.value = e.currentTarget.value)} /></label>
            <div class="row">
              <ActButton class="primary" act={() => send(row.value)} disabled={!reason.value.trim() || !id.value || (changed.length === 0 && code !== "")}>{w.saveMeasure}</ActButton>
              {g.sheet?.own && <ActButton act={() => send(null)} disabled={!reason.value.trim()}>{g.sheet.shipped ? w.backToFile : w.removeMeasure}</ActButton>}
              <span class="dim">{changed.length > 0 && w.changes(number(changed.length))}</span>
            </div>
          </>
        )}
        <datalist id="list-kinds">{known.kinds.map((k) => <option key={k} value={k} />)}</datalist>
        <datalist id="list-measures">{known.measures.map((k) => <option key={k} value={k} />)}</datalist>
      </section>
      {g.sheet && g.sheet.history.length > 0 && (
        <section class="card">
          <h3>{w.history0}</h3>
          <ol class="history">{g.sheet.history.map((h, i) => <li key={h.id}><time>{minute(h.at)}</time> <b>{h.actor}</b> {h.reason} <Differences now={h.row ?? g.sheet!.shipped} before={g.sheet!.history[i + 1]?.row ?? g.sheet!.shipped} /></li>)}</ol>
        </section>
      )}
    </>
  );
}

/** Cells that a change made different, old and new. */
function Differences({ now, before }: { now: Record<string, string> | null; before: Record<string, string> | null }) {
  const w = caseWords.value;
  if (!now) return <span class="tag">{w.takenBack}</span>;
  const list = measureColumns.value.filter((c) => (now[c.id] ?? "") !== (before?.[c.id] ?? ""));
  return <span class="dim">{list.map((c) => `${c.name}：${before?.[c.id] || "–"} → ${now[c.id] || "–"}`).join("；")}</span>;
}
