// What would this file do? Counts, columns, rows with problems and their cure; then commit, or undo.
import { useSignal } from "@preact/signals";
import { address, api, type ImportField, type ImportRun } from "../api";
import { go } from "../state";
import { job, sentence, tell } from "../store";
import { ActButton, Dialog, Icon } from "../ui";
import { lang, number, words } from "../words";

const personal = (field: string): boolean => field.startsWith("petitioner_");
const titleOf = (f: ImportField): string => (lang.value === "zh" ? f.title : f.title_en);

/** Whether the program still works on a batch. */
export const busy = (run: { state: string }): boolean => ["reading", "committing", "undoing"].includes(run.state);

/** How a batch stands, in one word. */
export function StateTag({ run }: { run: ImportRun }) {
  const look = { committed: "good", failed: "bad", ready: "on", undone: "" }[run.state as string] ?? "warn";
  return <span class={`tag ${look}`}>{words.value.import.state[run.state] ?? run.state}</span>;
}

export function RunReport({ run, changed }: { run: ImportRun; changed: () => void }) {
  const w = words.value.import;
  const undoing = useSignal(false);
  const act = (what: () => Promise<unknown>, said: string) => async () => {
    try {
      await what();
      tell(said);
      changed();
    } catch (why) {
      tell(sentence(why), "bad");
      changed();
    }
  };
  const c = run.counts;
  const writes = c.new + c.changed;
  const told = !busy(run) && run.state !== "failed";
  return (
    <>
      <header class="report-head">
        <h2>{run.file} <StateTag run={run} /></h2>
        <p class="dim">{[run.format?.toUpperCase(), run.encoding, run.sheet && `${w.sheet} ${run.sheet}`, run.rows > 0 && words.value.unit.rows(number(run.rows)), run.skipped_sheets.length > 0 && `${w.skipped} ${run.skipped_sheets.join("、")}`].filter(Boolean).join(" · ")}</p>
      </header>
      {busy(run) && <Progress run={run} />}
      {run.state === "failed" && <p class="failed" role="alert"><Icon name="warn" /> <span><b>{w.failed}</b> {run.message}</span></p>}
      {(told || run.state === "committing") && (
        <dl class="tally" aria-label={w.counts}>
          {([["new", w.new], ["changed", w.changed], ["same", w.same], ["error", w.error], ["blank", w.blank], ["repeated_header", w.repeated]] as const).map(([k, name]) => (
            <div key={k} class={k === "error" && c[k] ? "bad" : k === "new" && c[k] ? "good" : ""}><dt>{name}</dt><dd>{number(c[k])}</dd></div>
          ))}
        </dl>
      )}
      {run.state === "ready" && (
        <div class="row acts">
          <ActButton class="primary" icon="check" disabled={!writes || run.missing.length > 0} act={act(() => api.commit(run.id, "good_rows"), w.committing)}>{w.commitGood}</ActButton>
          <ActButton disabled={!writes || c.error > 0 || run.missing.length > 0} act={act(() => api.commit(run.id, "all_or_none"), w.committing)}>{w.commitAll}</ActButton>
          <ActButton class="danger" act={act(async () => { await api.discard(run.id); go({ item: null }); }, w.discard)}>{w.discard}</ActButton>
          {!writes && !run.missing.length && <span class="dim">{w.nothingNew}</span>}
          {run.missing.length > 0 && <span class="error">{w.missingFields} {run.missing.map(titleOf).join("、")}</span>}
        </div>
      )}
      {run.state === "committed" && (
        <div class="row acts"><button type="button" class="button" onClick={() => (undoing.value = true)}><Icon name="undo" /> {w.undo}</button></div>
      )}
      {undoing.value && (
        <Dialog title={w.undo} onClose={() => (undoing.value = false)}>
          <div class="dialog-body">
            <p>{w.undoAsk}</p>
            <div class="row">
              <ActButton class="primary" act={async () => { await act(() => api.undo(run.id), w.undone)(); undoing.value = false; }}>{w.undo}</ActButton>
              <button type="button" class="button" onClick={() => (undoing.value = false)}>{words.value.app.cancel}</button>
            </div>
          </div>
        </Dialog>
      )}
      {told && run.findings.length > 0 && <Findings run={run} />}
      <Errors run={run} />
      {run.mapping.length > 0 && <Mapping run={run} changed={changed} />}
    </>
  );
}

function Progress({ run }: { run: ImportRun }) {
  const w = words.value.import;
  const { done, total } = job.value && job.value.id === run.job ? job.value : run.progress;
  return (
    <div class="progress" role="status">
      <progress aria-label={w.state[run.state]} {...(total ? { max: total, value: done } : {})} />
      <span>{w.state[run.state]} {total ? w.progress(number(done), number(total)) : done ? words.value.unit.rows(number(done)) : ""}</span>
    </div>
  );
}

function Findings({ run }: { run: ImportRun }) {
  const w = words.value.import;
  const look = { error: "bad", field_error: "warn", warn: "warn", repair: "good" };
  return (
    <section>
      <h3>{w.findings}</h3>
      <ul class="findings">
        {run.findings.map((f) => (
          <li key={f.code}>
            <b class="num">{number(f.count)}</b>
            <span class={`tag ${look[f.severity] ?? ""}`}>{w.severity[f.severity] ?? f.severity}</span>
            <span>{f.why}{f.cure && <small class="dim">{f.cure}</small>}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Errors({ run }: { run: ImportRun }) {
  const w = words.value.import;
  if (busy(run) || run.state === "failed") return null;
  if (!run.errors.length) return run.state === "ready" ? <p class="all-good"><Icon name="check" /> {w.noErrors}</p> : null;
  return (
    <section>
      <div class="row spread">
        <h3>{w.errors}</h3>
        <a class="button small" href={address.importErrors(run.id)} download><Icon name="download" /> {w.errorsCsv}</a>
      </div>
      <p class="hint">{w.firstErrors(run.errors.length, Math.max(run.counts.error, run.errors.length))}</p>
      <div class="scroll" tabIndex={0} role="group" aria-label={w.errors}>
        <table class="plain">
          <thead><tr><th scope="col" class="num">{w.row}</th><th scope="col">{w.column}</th><th scope="col">{w.value}</th><th scope="col">{w.why}</th><th scope="col">{w.cure}</th></tr></thead>
          <tbody>
            {run.errors.map((e, i) => <tr key={i}><td class="num">{e.row}</td><td>{e.column ?? ""}</td><td><code>{e.value ?? ""}</code></td><td>{e.why}</td><td>{e.cure}</td></tr>)}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Mapping({ run, changed }: { run: ImportRun; changed: () => void }) {
  const w = words.value.import;
  const picked = useSignal<Record<string, string | null>>({});
  const remember = useSignal(true);
  const open = run.state === "ready" || run.state === "failed";
  const apply = async () => {
    try {
      await api.remap(run.id, Object.fromEntries(run.mapping.map((m) => [m.header, m.header in picked.value ? picked.value[m.header]! : m.field])), remember.value);
      picked.value = {};
      tell(w.rerun);
      changed();
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  const titles = new Map(run.fields.map((f) => [f.id, titleOf(f)]));
  return (
    <section>
      <h3>{w.mapping}</h3>
      <div class="scroll" tabIndex={0} role="group" aria-label={w.mapping}>
        <table class="plain mapping">
          <thead><tr><th scope="col">{w.header}</th><th scope="col">{w.sample}</th><th scope="col">{w.field}</th></tr></thead>
          <tbody>
            {run.mapping.map((m) => {
              const now = m.header in picked.value ? picked.value[m.header]! : m.field;
              return (
                <tr key={m.column} class={now ? "" : "unmapped"}>
                  <th scope="row">{m.header}</th>
                  <td class="dim">{m.sample}</td>
                  <td>
                    {open ? (
                      <select aria-label={`${m.header} → ${w.field}`} value={now ?? ""} onChange={(e) => (picked.value = { ...picked.value, [m.header]: e.currentTarget.value || null })}>
                        <option value="">{w.ignore}</option>
                        {run.fields.map((f) => <option key={f.id} value={f.id}>{titleOf(f)}</option>)}
                      </select>
                    ) : now ? titles.get(now) ?? now : w.unmapped}
                    {now && personal(now) && <small class="hint">{w.personal}</small>}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {open && (
        <div class="row acts">
          <label class="row"><input type="checkbox" checked={remember} onChange={(e) => (remember.value = e.currentTarget.checked)} /> {w.remember}</label>
          <ActButton disabled={Object.keys(picked.value).length === 0} act={apply}>{w.apply}</ActButton>
        </div>
      )}
    </section>
  );
}
