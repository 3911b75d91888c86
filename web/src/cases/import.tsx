// How are measures that were done before registered? A table, a trial run with its report by row, then the import.
import { useSignal } from "@preact/signals";
import { cases, type Imported } from "../api_cases";
import { sentence, tell } from "../store";
import { ActButton } from "../ui";
import { lang, number } from "../words";
import { caseWords } from "../words/cases";
import { CaseTabs } from "./tabs";

export function ImportTable() {
  const w = caseWords.value;
  const file = useSignal<File | null>(null);
  const done = useSignal<{ report: Imported; trial: boolean } | null>(null);
  const send = async (trial: boolean) => {
    if (!file.value) return;
    const form = new FormData();
    form.append("trial", String(trial));
    form.append("file", file.value);
    try {
      done.value = { report: await cases.importTable(form), trial };
      if (!trial) await cases.evaluate(false).catch(() => undefined);
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  const r = done.value?.report;
  return (
    <div class="narrow cases">
      <header class="page-head"><div><h1>{w.imports}</h1><p class="dim">{w.importLead}</p></div><CaseTabs here="import" /></header>
      <section class="card">
        <div class="row">
          <input type="file" aria-label={w.file} accept=".csv,.xlsx,.xls,.ods" onChange={(e) => { file.value = e.currentTarget.files?.[0] ?? null; done.value = null; }} />
          <ActButton act={() => send(true)} disabled={!file.value}>{w.trial}</ActButton>
          <ActButton class="primary" act={() => send(false)} disabled={!file.value || !done.value?.trial || !r?.new}>{w.commit}</ActButton>
        </div>
        {r && <p role="status"><b>{done.value!.trial ? w.trial : w.done}</b> · {w.importSummary(number(r.read), number(r.new), number(r.same), number(r.refused))}</p>}
        {r && r.findings.length > 0 && (
          <div class="table-wrap" tabIndex={0}><table class="plain">
            <thead><tr><th scope="col" class="num">{w.row}</th><th scope="col">{w.no}</th><th scope="col">{w.field}</th><th scope="col">{w.value}</th><th scope="col">{w.why}</th></tr></thead>
            <tbody>{r.findings.map((f, i) => <tr key={i}><td class="num">{f.row}</td><td>{f.no}</td><td><code>{f.field}</code></td><td>{f.value}</td><td>{lang.value === "zh" ? f.zh : f.en}</td></tr>)}</tbody>
          </table></div>
        )}
      </section>
    </div>
  );
}
