// What did a method answer? Figures first, then lists side by side as a table that can be sorted, then what is nested.
import { signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { api, type MethodAnswer } from "../api";
import { lang, number, words } from "../words";
import { hotWords } from "../words/hot";
import { FIGURES, FIRST, methodTitle } from "../words/methods";

type Plain = string | number | boolean | null;
const plain = (v: unknown): v is Plain => v === null || typeof v !== "object";
const nameOf = (key: string): string => (lang.value === "zh" && FIGURES[key] ? `${FIGURES[key]}` : key);
const MOST = 200;

function show(v: Plain): string {
  if (v === null) return "–";
  if (typeof v === "number") return String(Number(v.toPrecision(5)));
  return String(v);
}

/** Names of the sites, asked for when a result speaks of sites. */
const names = signal<ReadonlyMap<string, string>>(new Map());
const learn = (): void => {
  if (!names.peek().size) void api.sites("", undefined, 1000).then((s) => (names.value = new Map(s.sites.map((x) => [x.id, x.name]))), () => undefined);
};

/** Cells and sites lead to the map. */
function Value({ name, value }: { name: string; value: Plain }) {
  if (typeof value === "string" && /^8[0-9a-f]{14}$/.test(value)) return <a href={`#/map?span=all&cell=${value}&tab=tickets`} title={hotWords.value.where2}>{value}</a>;
  if (name === "site") return <a href={`#/map?site=${value}`}>{names.value.get(String(value)) ?? show(value)}</a>;
  return <>{show(value)}</>;
}

/** Rows under sortable names; the first 200 are shown. */
function Rows({ columns, first }: { columns: [string, Plain[]][]; first?: readonly [string, "up" | "down"] }) {
  const w = hotWords.value;
  const order = useSignal<readonly [string, "up" | "down"] | null>(first && columns.some(([k]) => k === first[0]) ? first : null);
  const n = columns[0]?.[1].length ?? 0;
  const rows = Array.from({ length: n }, (_, i) => i);
  const by = order.value && columns.find(([k]) => k === order.value![0])?.[1];
  if (by) {
    const sign = order.value![1] === "up" ? 1 : -1;
    // What is not defined comes last whichever way.
    rows.sort((a, b) => (by[a] === null ? 1 : 0) - (by[b] === null ? 1 : 0) || sign * (typeof by[a] === "number" && typeof by[b] === "number" ? by[a] - by[b] : String(by[a]).localeCompare(String(by[b]))) || a - b);
  }
  const sites = columns.some(([k]) => k === "site");
  useEffect(() => {
    if (sites) learn();
  }, [sites]);
  const turn = (key: string) => (order.value = [key, order.value?.[0] === key && order.value[1] === "down" ? "up" : "down"]);
  return (
    <>
      <div class="scroll" tabIndex={0} role="group" aria-label={w.run}>
        <table class="plain compact sortable">
          <thead><tr>{columns.map(([k]) => <th key={k} scope="col" aria-sort={order.value?.[0] === k ? (order.value[1] === "up" ? "ascending" : "descending") : undefined}><button type="button" onClick={() => turn(k)} title={k}>{nameOf(k)}{order.value?.[0] === k ? (order.value[1] === "up" ? " ▲" : " ▼") : ""}</button></th>)}</tr></thead>
          <tbody>{rows.slice(0, MOST).map((i) => <tr key={i}>{columns.map(([k, l]) => <td key={k} class={typeof l[i] === "number" ? "num" : ""}><Value name={k} value={l[i] ?? null} /></td>)}</tr>)}</tbody>
        </table>
      </div>
      {n > MOST && <p class="dim">{w.rows(number(MOST), number(n))}</p>}
    </>
  );
}

/** A list of things as columns, or `null` where they are not alike. */
function table(list: unknown[]): [string, Plain[]][] | null {
  if (!list.length) return null;
  if (list.every((v) => Array.isArray(v) && v.every(plain) && v.length === (list[0] as unknown[]).length && v.length <= 8))
    return (list[0] as unknown[]).map((_, k) => [String(k + 1), list.map((v) => (v as Plain[])[k]!)]);
  if (!list.every((v) => typeof v === "object" && v !== null && !Array.isArray(v))) return null;
  const keys = [...new Set(list.flatMap((v) => Object.keys(v as object)))];
  const cell = (v: unknown): Plain => (v === undefined ? null : plain(v) ? v : Array.isArray(v) ? (v.length > 6 ? v.length : v.join(" ")) : JSON.stringify(v));
  return keys.map((k) => [k, list.map((v) => cell((v as Record<string, unknown>)[k]))]);
}

function Nested({ name, value, level = 3 }: { name: string; value: unknown; level?: number }): ComponentChildren {
  const head = level === 3 ? <h3>{nameOf(name)}</h3> : <h4>{nameOf(name)}</h4>;
  if (Array.isArray(value)) {
    const columns = table(value);
    if (columns) return <>{head}<Rows columns={columns} /></>;
    if (value.every(plain)) return <>{head}<p class="numbers">{value.slice(0, MOST).map((v) => show(v as Plain)).join(" · ")}</p></>;
  } else if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    const flat = entries.filter(([, v]) => plain(v));
    const deep = entries.filter(([, v]) => !plain(v));
    return <>{head}<Figures entries={flat as [string, Plain][]} />{level < 5 && deep.map(([k, v]) => <Nested key={k} name={k} value={v} level={level + 1} />)}</>;
  }
  return <>{head}<pre class="rest">{JSON.stringify(value, null, 1).slice(0, 4000)}</pre></>;
}

function Figures({ entries }: { entries: [string, Plain][] }) {
  return entries.length ? <dl class="facts">{entries.map(([k, v]) => <div key={k}><dt title={k}>{nameOf(k)}</dt><dd>{show(v)}</dd></div>)}</dl> : null;
}

export function Result({ id, answer }: { id: string; answer: MethodAnswer }) {
  const w = hotWords.value;
  const entries = Object.entries(answer.result);
  const figures = entries.filter((e): e is [string, Plain] => plain(e[1]));
  const lists = entries.filter((e): e is [string, Plain[]] => Array.isArray(e[1]) && e[1].length > 0 && e[1].every(plain));
  const longest = Math.max(0, ...lists.map(([, l]) => l.length));
  const named = (k: string): number => (["cell", "id", "site", "edge"].includes(k) ? 0 : 1);
  // The rows of rates are the sites: their number leads to them.
  const columns = lists.filter(([, l]) => l.length === longest).map(([k, l]): [string, Plain[]] => [answer.method === "rates" && k === "id" ? "site" : k, l]).sort((a, b) => named(a[0]) - named(b[0]));
  const rest = entries.filter(([k, v]) => !plain(v) && !(Array.isArray(v) && v.length === longest && lists.some(([l]) => l === k)) && !(Array.isArray(v) && !v.length));
  return (
    <div class="answer" role="region" aria-label={methodTitle({ name: answer.method, title: answer.title })} aria-live="polite">
      <p class="dim">{w.used(number(answer.n))} · v{answer.data_version}{answer.left_out ? ` · ${w.leftOut(number(answer.left_out))}` : ""} · <a href={`/api/v1/hotspots/runs/${encodeURIComponent(id)}/table`} download>{words.value.filter.export} CSV</a>{answer.cut && ` · ${w.cut}`}</p>
      {answer.notes.map((n) => <p key={n.code} class="verdict">{w.notes[n.code] ?? n.text} <small>{n.code}</small></p>)}
      <Figures entries={figures} />
      {longest > 0 && <Rows columns={columns} first={FIRST[answer.method]} />}
      {rest.map(([k, v]) => <Nested key={k} name={k} value={v} />)}
    </div>
  );
}
