// What can be asked of the city's tickets? Every method with its page, a form from its one definition, and its answer.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, type Method, type MethodAnswer } from "../api";
import { finished } from "../jobs";
import { ParamField, useCatalogue } from "../panels/lens_legend";
import { Result } from "../panels/method_result";
import { active, filter, filterQuery, go, view } from "../state";
import { may, sentence } from "../store";
import { ActButton, Icon, Skeleton } from "../ui";
import { lang, words } from "../words";
import { hotWords } from "../words/hot";
import { GUIDES, methodTitle, pageInEnglish } from "../words/methods";


export function MethodsPage() {
  const w = words.value;
  const c = useCatalogue();
  if (!may("tickets")) return <div class="state"><Icon name="warn" /><p>{w.app.noRight}</p></div>;
  if (!c) return <Skeleton />;
  const chosen = c.methods.find((m) => m.name === view.value.item) ?? c.methods[0]!;
  return (
    <div class="columns methods">
      <section class="card">
        <h1>{w.nav.methods}</h1>
        <p class="hint">{hotWords.value.methodsLead}</p>
        <select class="method-pick" aria-label={w.nav.methods} value={chosen.name} onChange={(e) => go({ item: e.currentTarget.value, settings: {} })}>
          {c.methods.map((m) => <option key={m.name} value={m.name}>{methodTitle(m)}</option>)}
        </select>
        <ul class="method-list">
          {c.methods.map((m) => <li key={m.name}><button type="button" aria-current={m === chosen ? "true" : undefined} onClick={() => go({ item: m.name, settings: {} })}>{methodTitle(m)} <small>{m.name}</small></button></li>)}
        </ul>
      </section>
      <One key={chosen.name} method={chosen} />
    </div>
  );
}

function One({ method }: { method: Method }) {
  const w = hotWords.value;
  const doc = useSignal<string | null>(null);
  const answer = useSignal<{ id: string; value: MethodAnswer } | null>(null);
  const failed = useSignal<string | null>(null);
  const running = useSignal<string | null>(null);
  const given = view.value.settings;
  useEffect(() => {
    void api.methodPage(method.name).then((t) => (doc.value = t), () => undefined);
  }, [method.name]);
  const run = async () => {
    failed.value = null;
    try {
      const settings = Object.fromEntries(Object.entries(given).filter(([k]) => method.params.some((p) => p.name === k)));
      const { id } = await api.runMethod(method.name, filterQuery.value, settings);
      running.value = id;
      const end = await finished(id);
      if (end.state === "done") answer.value = { id, value: await api.methodAnswer(id) };
      else failed.value = end.message;
    } catch (why) {
      failed.value = sentence(why);
    } finally {
      running.value = null;
    }
  };
  const guide = lang.value === "zh" ? GUIDES[method.name] : undefined;
  const { from, to } = filter.value;
  const span = from || to ? `${from ?? "…"} – ${to ?? "…"}` : w.allTime;
  const others = active(filter.value) - (from || to ? 1 : 0);
  return (
    <section class="card report">
      <h2>{methodTitle(method)} <small class="dim">{method.name}</small></h2>
      {guide && <dl class="guide"><div><dt>{w.asks}</dt><dd>{guide.asks}</dd></div><div><dt>{w.when}</dt><dd>{guide.when}</dd></div><div><dt>{w.read}</dt><dd>{guide.read}</dd></div></dl>}
      <p class="hint">{w.runsOn}{lang.value === "zh" ? `${method.runs_on} · ` : ""}{span}{others > 0 ? ` · ${words.value.filter.active(others)}` : ""} · <a href={`#/map?tab=filters${filterQuery.value ? `&${filterQuery.value}` : "&span=all"}`}>{w.setWindow}</a></p>
      <div class="method-form">
        {method.params.map((p) => (
          <ParamField key={p.name} param={p} value={given[p.name] ?? null} set={(value) => {
            const next = { ...given };
            if (value === null || value === "") delete next[p.name];
            else next[p.name] = value;
            go({ settings: next }, true);
          }} />
        ))}
      </div>
      <div class="row acts">
        <ActButton class="primary" act={run} icon="play">{running.value ? w.running : w.run}</ActButton>
        {Object.keys(given).length > 0 && <button type="button" class="link-button" onClick={() => go({ settings: {} }, true)}>{w.defaults}</button>}
      </div>
      {failed.value && <p class="verdict bad" role="alert">{failed.value}</p>}
      {answer.value && <Result key={answer.value.id} id={answer.value.id} answer={answer.value.value} />}
      {doc.value && <details class="doc" open={!answer.value && !guide}><summary>{w.doc}</summary><Markdown text={lang.value === "zh" ? doc.value : pageInEnglish(doc.value)} /></details>}
    </section>
  );
}

/** The pages of the methods are plain Markdown: headings, paragraphs, tables, code. */
function Markdown({ text }: { text: string }) {
  const blocks = text.trim().split(/\n\n+/);
  return (
    <div class="markdown">
      {blocks.map((b, i) => {
        if (b.startsWith("#")) return <h3 key={i}>{b.replace(/^#+ /, "").replace(/`/g, "")}</h3>;
        if (b.startsWith("```")) return <pre key={i}>{b.replace(/^```\w*\n|\n```$/g, "")}</pre>;
        if (b.startsWith("|")) {
          const rows = b.split("\n").filter((r) => !/^\|[-| ]+\|$/.test(r)).map((r) => r.slice(1, -1).split(/ ?\| ?/).map((c) => c.replace(/`/g, "").trim()));
          return <div key={i} class="scroll"><table class="plain compact"><thead><tr>{rows[0]!.map((c, j) => <th key={j} scope="col">{c}</th>)}</tr></thead><tbody>{rows.slice(1).map((r, k) => <tr key={k}>{r.map((c, j) => <td key={j}>{c}</td>)}</tr>)}</tbody></table></div>;
        }
        return <p key={i}>{b.split("`").map((s, j) => (j % 2 ? <code key={j}>{s}</code> : s))}</p>;
      })}
    </div>
  );
}
