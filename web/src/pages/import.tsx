// How do files become tickets? Choose or drop, read the dry run, change the columns, commit, undo.
import { untracked, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api } from "../api";
import { useLoad } from "../load";
import { busy, RunReport, StateTag } from "../panels/import_report";
import { go, view } from "../state";
import { jobNews, may, meta, sentence, tell } from "../store";
import { Field, Icon, Panel } from "../ui";
import { minute, number, words } from "../words";

export function ImportPage() {
  const w = words.value;
  if (!may("import")) return <div class="state"><Icon name="warn" /><p>{w.import.noRight}</p></div>;
  return <Screen />;
}

function Screen() {
  const w = words.value.import;
  const list = useLoad((stop) => (void stop, api.imports()));
  const run = useLoad(
    () => (view.value.item ? api.import(view.value.item) : null),
    () => view.value.item,
  );
  const refresh = () => {
    list.again();
    run.again();
  };
  // The stream tells when a job ends; a slow beat covers a stream that a proxy cut.
  useSignalEffect(() => {
    const news = jobNews.value;
    if (news && news.state !== "running" && news.state !== "waiting") untracked(refresh);
  });
  const open = run.state.value.kind === "ready" ? run.state.value.value : null;
  const working = open ? busy(open) : false;
  useEffect(() => {
    if (!working) return;
    const beat = window.setInterval(refresh, 1500);
    return () => clearInterval(beat);
  }, [working]);

  return (
    <div class="columns">
      <section class="card upload" aria-labelledby="import-title">
        <h1 id="import-title">{w.title}</h1>
        <Upload onStarted={(id) => { go({ item: id }); list.again(); }} />
        <h2>{w.runs}</h2>
        <Panel state={list.state.value} again={list.again} empty={({ imports }) => (imports.length ? null : <p>{w.empty}</p>)}>
          {({ imports }) => (
            <ol class="runs">
              {imports.map((r) => (
                <li key={r.id}>
                  <button type="button" aria-current={view.value.item === r.id ? "true" : undefined} onClick={() => go({ item: r.id })}>
                    <b>{r.file}</b>
                    <StateTag run={r} />
                    <small class="dim">{minute(r.created_at)} · {r.created_by}{r.rows ? ` · ${words.value.unit.rows(number(r.rows))}` : ""}</small>
                  </button>
                </li>
              ))}
            </ol>
          )}
        </Panel>
      </section>
      <section class="card report" aria-label={w.report}>
        {view.value.item ? <Panel state={run.state.value} again={run.again}>{(r) => <RunReport key={r.id} run={r} changed={refresh} />}</Panel> : <div class="state"><Icon name="upload" /><p>{w.none}</p></div>}
      </section>
    </div>
  );
}

const DATUMS = ["wgs84", "gcj02", "bd09"] as const;

function Upload({ onStarted }: { onStarted: (id: string) => void }) {
  const w = words.value.import;
  const file = useSignal<File | null>(null);
  const over = useSignal(false);
  const source = useSignal("");
  const datum = useSignal("");
  const channel = useSignal("");
  const error = useSignal<string | null>(null);
  const sending = useSignal(false);
  const picker = useRef<HTMLInputElement>(null);

  const send = async (e: Event) => {
    e.preventDefault();
    if (!file.value) {
      error.value = w.missingFile;
      return;
    }
    const form = new FormData();
    if (source.value.trim()) form.set("source", source.value.trim());
    if (datum.value) form.set("datum", datum.value);
    if (channel.value) form.set("channel", channel.value);
    form.set("file", file.value, file.value.name);
    sending.value = true;
    error.value = null;
    try {
      const { id } = await api.upload(form);
      file.value = null;
      if (picker.current) picker.current.value = "";
      onStarted(id);
    } catch (why) {
      error.value = sentence(why);
      tell(sentence(why), "bad");
    } finally {
      sending.value = false;
    }
  };
  const take = (list: FileList | null | undefined) => {
    if (!list?.[0]) return;
    file.value = list[0];
    error.value = null;
  };
  return (
    <form class="upload-form" onSubmit={send}>
      <div class={`drop ${over.value ? "over" : ""} ${file.value ? "full" : ""}`}
        onDragOver={(e) => { e.preventDefault(); over.value = true; }} onDragLeave={() => (over.value = false)}
        onDrop={(e) => { e.preventDefault(); over.value = false; take(e.dataTransfer?.files); }}>
        <Icon name="upload" />
        {file.value ? <p><b>{file.value.name}</b><br /><span class="dim">{number(Math.ceil(file.value.size / 1024))} KB</span></p> : <p>{w.drop}</p>}
        <label class="button small">
          {w.choose}
          <input ref={picker} class="sr-only" type="file" accept=".csv,.txt,.tsv,.xlsx,.xlsm,.xls,.ods" onChange={(e) => take(e.currentTarget.files)} />
        </label>
        <p class="hint">{w.formats}</p>
      </div>
      <Field label={w.source} hint={w.sourceHint}>{(id) => <input id={id} value={source} onInput={(e) => (source.value = e.currentTarget.value)} />}</Field>
      <div class="two">
        <Field label={w.datum}>
          {(id) => (
            <select id={id} value={datum} onChange={(e) => (datum.value = e.currentTarget.value)}>
              <option value="">{w.datumNone}</option>
              {DATUMS.map((d) => <option key={d} value={d}>{w.datums[d]}</option>)}
            </select>
          )}
        </Field>
        <Field label={w.channel}>
          {(id) => (
            <select id={id} value={channel} onChange={(e) => (channel.value = e.currentTarget.value)}>
              <option value="">{w.channelFile}</option>
              {meta.value?.channels.map((c) => <option key={c.id} value={c.id}>{c.name}</option>)}
            </select>
          )}
        </Field>
      </div>
      {error.value && <p class="error" role="alert">{error}</p>}
      <button type="submit" class="button primary wide" disabled={sending.value} aria-busy={sending.value}>{w.start}</button>
    </form>
  );
}
