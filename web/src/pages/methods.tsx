// What can be asked of the city's tickets? Every method with its page, a form from its one definition, and its answer.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, type Method, type MethodAnswer } from "../api";
import { ParamField, useCatalogue } from "../panels/lens";
import { active, filter, filterQuery, go, view } from "../state";
import { may, sentence, tell } from "../store";
import { ActButton, Icon, Skeleton } from "../ui";
import { number, words } from "../words";


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
        <p class="hint">{w.hot.methodsLead}</p>
        <ul class="method-list">
          {c.methods.map((m) => <li key={m.name}><button type="button" aria-current={m === chosen ? "true" : undefined} onClick={() => go({ item: m.name, settings: {} })}>{m.title} <small>{m.name}</small></button></li>)}
        </ul>
      </section>
      <One key={chosen.name} method={chosen} />
    </div>
  );
}

function One({ method }: { method: Method }) {
  const w = words.value.hot;
  const doc = useSignal<string | null>(null);
  const answer = useSignal<{ id: string; value: MethodAnswer } | null>(null);
  const given = view.value.settings;
  useEffect(() => {
    void api.methodPage(method.name).then((t) => (doc.value = t), () => undefined);
  }, [method.name]);
  const run = async () => {
    try {
      const settings = Object.fromEntries(Object.entries(given).filter(([k]) => method.params.some((p) => p.name === k)));
      const { id } = await api.runMethod(method.name, filterQuery.value, settings);
      for (let i = 0; i < 1200; i++) {
        const s = await api.job(id);
        if (s.state === "done") {
          answer.value = { id, value: await api.methodAnswer(id) };
          return;
        }
        if (s.state !== "running" && s.state !== "waiting") throw new Error(s.message);
        await new Promise((r) => setTimeout(r, 250));
      }
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  return (
    <section class="card report">
      <h2>{method.title} <small class="dim">{method.name}</small></h2>
      <p class="hint">{w.runsOn}{method.runs_on}{active(filter.value) ? ` · ${words.value.filter.active(active(filter.value))}` : ` · ${words.value.time.all}`}</p>
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
      <div class="row acts"><ActButton class="primary" act={run} icon="play">{w.run}</ActButton></div>
      {answer.value && <Result id={answer.value.id} answer={answer.value.value} />}
      {doc.value && <details class="doc" open={!answer.value}><summary>{w.doc}</summary><Markdown text={doc.value} /></details>}
    </section>
  );
}

/** Figures first, then the lists side by side, the longest ones as a table. */
function Result({ id, answer }: { id: string; answer: MethodAnswer }) {
  const w = words.value.hot;
  const entries = Object.entries(answer.result);
  const plain = entries.filter(([, v]) => !Array.isArray(v) && (v === null || typeof v !== "object"));
  const lists = entries.filter((e): e is [string, unknown[]] => Array.isArray(e[1]) && e[1].every((v) => v === null || typeof v !== "object"));
  const longest = Math.max(0, ...lists.map(([, l]) => l.length));
  const columns = lists.filter(([, l]) => l.length === longest && longest > 0);
  const rest = entries.filter(([k]) => !plain.some(([p]) => p === k) && !columns.some(([p]) => p === k));
  const show = (v: unknown): string => (v === null ? "–" : typeof v === "number" ? String(Number(v.toPrecision(6))) : String(v));
  return (
    <div class="answer">
      <p class="dim">{w.basis(number(answer.n), "").replace(/ ?在道路 40 米内| within 40 m of a road/, "")} · v{answer.data_version}{answer.left_out ? ` · ${w.leftOut(number(answer.left_out))}` : ""}</p>
      {answer.notes.map((n) => <p key={n.code} class="verdict">{n.text} <small>{n.code}</small></p>)}
      {plain.length > 0 && <dl class="facts">{plain.map(([k, v]) => <div key={k}><dt>{k}</dt><dd>{show(v)}</dd></div>)}</dl>}
      {columns.length > 0 && (
        <div class="scroll">
          <table class="plain compact">
            <thead><tr>{columns.map(([k]) => <th key={k} scope="col">{k}</th>)}</tr></thead>
            <tbody>{Array.from({ length: Math.min(longest, 200) }, (_, i) => <tr key={i}>{columns.map(([k, l]) => <td key={k} class="num">{show(l[i])}</td>)}</tr>)}</tbody>
          </table>
        </div>
      )}
      {rest.length > 0 && <pre class="rest">{JSON.stringify(Object.fromEntries(rest), null, 1).slice(0, 6000)}</pre>}
      <p><a href={`/api/v1/hotspots/runs/${encodeURIComponent(id)}/table`} download>{words.value.filter.export} CSV</a>{answer.cut && <span class="dim"> · {w.cut}</span>}</p>
    </div>
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
