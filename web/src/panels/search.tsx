// Where is this place, and which tickets speak of it? One box, moved through by keys.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, type Found, type LonLat } from "../api";
import { flyTo } from "../focus";
import { go } from "../state";
import { spoken } from "../store";
import { Icon } from "../ui";
import { words } from "../words";

type Hit = { key: string; title: string; sub: string; point: LonLat | null; ticket?: string };

const hits = (found: Found): Hit[] => [
  ...found.places.map((p) => ({ key: `p${p.id}`, title: p.name, sub: p.kind, point: p.point })),
  ...found.tickets.map((t) => ({ key: `t${t.no}`, title: t.title, sub: t.no, point: t.point, ticket: t.no })),
];

export function SearchBox() {
  const w = words.value.search;
  const text = useSignal("");
  const found = useSignal<Hit[] | null>(null);
  const at = useSignal(-1);
  const open = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    const q = text.value.trim();
    if (!q) {
      found.value = null;
      return;
    }
    const stop = new AbortController();
    const wait = setTimeout(() => {
      api.search(q, stop.signal).then(
        (got) => {
          found.value = hits(got);
          at.value = found.value.length ? 0 : -1;
          open.value = true;
          spoken.value = found.value.length ? w.results(found.value.length) : w.none;
        },
        () => undefined,
      );
    }, 160);
    return () => {
      clearTimeout(wait);
      stop.abort();
    };
  }, [text.value]);

  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      const typing = e.target instanceof HTMLElement && e.target.closest("input, textarea, select, dialog");
      if (e.key === "/" && !typing && !e.ctrlKey && !e.metaKey) {
        e.preventDefault();
        input.current?.focus();
      }
    };
    window.addEventListener("keydown", key);
    return () => window.removeEventListener("keydown", key);
  }, []);

  const choose = (hit: Hit) => {
    open.value = false;
    text.value = hit.ticket ? "" : hit.title;
    if (hit.ticket) go({ page: "map", ticket: hit.ticket });
    else go({ page: "map" });
    if (hit.point) flyTo(hit.point, 16, hit.ticket ? null : hit.title);
  };

  const onKey = (e: KeyboardEvent) => {
    const list = found.value ?? [];
    if (e.key === "ArrowDown" && list.length) at.value = (at.value + 1) % list.length;
    else if (e.key === "ArrowUp" && list.length) at.value = (at.value - 1 + list.length) % list.length;
    else if (e.key === "Enter" && list[at.value]) choose(list[at.value]!);
    else if (e.key === "Escape") {
      open.value = false;
      if (!list.length) text.value = "";
      return;
    } else return;
    e.preventDefault();
    open.value = true;
  };

  const list = found.value;
  const shown = open.value && list !== null;
  return (
    <div class="search" role="search" ref={box} onFocusOut={(e) => { if (!box.current?.contains(e.relatedTarget as Node)) open.value = false; }}>
      <Icon name="search" />
      <input
        ref={input}
        type="text"
        enterkeyhint="search"
        role="combobox"
        aria-label={w.label}
        aria-expanded={shown}
        aria-controls="search-list"
        aria-autocomplete="list"
        aria-activedescendant={shown && list[at.value] ? `hit-${at.value}` : undefined}
        placeholder={w.hint}
        value={text}
        onInput={(e) => (text.value = e.currentTarget.value)}
        onFocus={() => (open.value = true)}
        onKeyDown={onKey}
      />
      <kbd aria-hidden="true">/</kbd>
      {shown && (
        <ul id="search-list" role="listbox" aria-label={w.label}>
          {list.length === 0 && <li class="dim" role="option" aria-selected="false" aria-disabled="true">{w.none}</li>}
          {list.map((hit, i) => (
            <li key={hit.key} id={`hit-${i}`} role="option" aria-selected={i === at.value} class={hit.ticket ? "hit ticket" : "hit place"}
              onPointerDown={(e) => e.preventDefault()} onClick={() => choose(hit)} onPointerEnter={() => (at.value = i)}>
              <Icon name={hit.ticket ? "table" : "target"} />
              <span class="hit-title">{hit.title}</span>
              <span class="dim">{hit.sub}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
