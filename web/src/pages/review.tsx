// Where does a doubtful text point? A person decides with one key; each decision can teach an alias.
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { api, type Candidate, type Decision, type LonLat, type QueueGroup, type QueueTicket } from "../api";
import { useLoad } from "../load";
import { marked } from "../marks";
import { AliasList } from "../panels/aliases";
import { PlaceFinder } from "../panels/place_finder";
import type { ReviewMap } from "../review_map";
import { nameOf } from "../panels/filters";
import { dataVersion, may, meta, sentence, tell } from "../store";
import { ActButton, Icon, Panel } from "../ui";
import { lang, number, percent, words } from "../words";

interface Item { group: QueueGroup; ticket: QueueTicket }

export function ReviewPage() {
  const w = words.value.review;
  if (!may("review")) return <div class="state"><Icon name="warn" /><p>{w.noRight}</p></div>;
  if (!meta.value?.city) return <Panel state={{ kind: "loading" }}>{() => null}</Panel>;
  return <Screen />;
}

function Screen() {
  const w = words.value.review;
  const { state, again } = useLoad(() => api.queue(40));
  const gone = useSignal<ReadonlySet<string>>(new Set());
  const aliasTick = useSignal(0);
  const shown = state.value;
  const items: Item[] = shown.kind === "ready" ? shown.value.groups.flatMap((group) => group.tickets.map((ticket) => ({ group, ticket }))).filter((i) => !gone.value.has(i.ticket.no)) : [];
  const listed = new Set(shown.kind === "ready" ? shown.value.groups.flatMap((g) => g.tickets.map((t) => t.no)) : []);
  const total = shown.kind === "ready" ? Math.max(0, shown.value.tickets - [...gone.value].filter((no) => listed.has(no)).length) : 0;
  const leave = (no: string, decided: boolean) => {
    const last = items.length <= 1;
    gone.value = last && !decided ? new Set() : new Set([...gone.value, no]);
    if (decided) aliasTick.value++;
    // What was taught places other tickets too: the queue is read anew, behind what is shown.
    if (decided || last) again();
  };
  void dataVersion.value;
  return (
    <div class="review">
      <header class="page-head">
        <div><h1>{w.title}</h1><p class="dim">{w.lead}</p></div>
        {shown.kind === "ready" && <span class="tag on">{w.left(number(total))}</span>}
      </header>
      <Panel state={shown} again={again} empty={() => (items.length ? null : <><Icon name="check" /><h3>{w.empty}</h3><p>{w.emptyHint}</p></>)}>
        {() => (items[0] ? <Desk key={items[0].ticket.no} item={items[0]} onDone={leave} /> : null)}
      </Panel>
      <AliasList tick={aliasTick.value} />
    </div>
  );
}

function Desk({ item, onDone }: { item: Item; onDone: (no: string, decided: boolean) => void }) {
  const w = words.value.review;
  const { ticket, group } = item;
  const spot = useSignal<LonLat | null>(null);
  const found = useSignal<string | null>(null);
  const line = useSignal<LonLat[] | null>(null);
  const busy = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<ReviewMap | null>(null);

  const decide = async (decision: Omit<Decision, "no">) => {
    if (busy.peek()) return;
    busy.value = true;
    try {
      const { relocated } = await api.decide({ no: ticket.no, surface: group.surface || undefined, ...decision });
      tell(relocated > 1 ? w.alsoPlaced(number(relocated)) : w.applied);
      onDone(ticket.no, true);
    } catch (why) {
      tell(sentence(why), "bad");
    } finally {
      busy.value = false;
    }
  };
  const accept = (n: number) => {
    if (ticket.candidates.some((c) => c.n === n)) void decide({ kind: "candidate", candidate: n });
  };
  const place = () => {
    if (spot.peek()) void decide({ kind: "point", point: spot.peek()!, feature: found.peek() ?? undefined });
  };
  const point = (p: LonLat, feature: string | null = null) => {
    if (line.peek()) {
      line.value = [...line.peek()!, p];
      map.current?.line(line.value);
      return;
    }
    spot.value = p;
    found.value = feature;
    map.current?.spot(p);
  };
  const draw = (points: LonLat[] | null) => {
    line.value = points;
    map.current?.line(points ?? []);
    if (points) {
      spot.value = null;
      map.current?.spot(null);
    }
  };
  const stretch = () => {
    if ((line.peek()?.length ?? 0) > 1) void decide({ kind: "line", line: line.peek()! });
  };

  useEffect(() => {
    let gone = false;
    void import("../review_map").then((m) => {
      if (gone || !box.current) return;
      map.current = m.startReviewMap(box.current, meta.peek()!.city!, lang.peek(), words.peek().map.label, (p) => point(p), accept);
      map.current.show(ticket.candidates, ticket.pair);
    });
    return () => {
      gone = true;
      map.current?.stop();
    };
  }, []);

  // In step with what is drawn: a key pressed right after the next text appears must not fall between two listeners.
  useLayoutEffect(() => {
    const key = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || (e.target instanceof HTMLElement && e.target.closest("input, textarea, select, dialog"))) return;
      if (/^[1-5]$/.test(e.key)) accept(Number(e.key));
      else if (e.key === "n" || e.key === "N") void decide({ kind: "no_place" });
      else if (e.key === "o" || e.key === "O") void decide({ kind: "outside" });
      else if (e.key === "s" || e.key === "S") onDone(ticket.no, false);
      else if (e.key === "l" || e.key === "L") draw(line.peek() ? null : []);
      else if (e.key === "Backspace" && line.peek()) draw(line.peek()!.slice(0, -1));
      else if (e.key === "Enter" && line.peek() && !(e.target instanceof HTMLButtonElement)) stretch();
      else return;
      e.preventDefault();
    };
    window.addEventListener("keydown", key);
    return () => window.removeEventListener("keydown", key);
  }, []);

  return (
    <div class="desk">
      <section class="card text" aria-label={w.evidence}>
        <p class="row"><code data-no={ticket.no}>{ticket.external_no || ticket.no}</code>{group.count > 1 && <span class="tag warn">{w.samePlace(group.count)}</span>}</p>
        <Texts ticket={ticket} />
        <h2>{w.candidates}</h2>
        {ticket.candidates.length > 0 ? (
          <ol class="candidates">
            {ticket.candidates.map((c) => <CandidateRow key={c.n} of={c} onAccept={() => accept(c.n)} busy={busy.value} />)}
          </ol>
        ) : <p class="dim">{w.noCandidates}</p>}
        <PlaceFinder onPick={(p, id) => { if (line.peek()) draw(null); point(p, id); map.current?.look(p); }} />
        <div class="row acts">
          <ActButton act={() => decide({ kind: "no_place" })}><kbd>N</kbd> {w.noPlace}</ActButton>
          <ActButton act={() => decide({ kind: "outside" })}><kbd>O</kbd> {w.outside}</ActButton>
          <button type="button" class="button" onClick={() => onDone(ticket.no, false)}><kbd>S</kbd> {w.skip}</button>
        </div>
        <p class="hint">{w.keys}</p>
      </section>
      <section class="card spot" aria-label={w.click}>
        <div class="review-map" ref={box} />
        <div class="row acts">
          <button type="button" class="button" onClick={() => map.current && point(map.current.centre())}><Icon name="target" /> {w.centre}</button>
          <button type="button" class="button" aria-pressed={line.value !== null} onClick={() => draw(line.value ? null : [])}><kbd>L</kbd> {w.draw}</button>
          {line.value
            ? <>
              <button type="button" class="button" disabled={!line.value.length} onClick={() => draw(line.value!.slice(0, -1))}>{w.drawBack}</button>
              <ActButton class="primary" disabled={line.value.length < 2} act={async () => stretch()}>{w.drawn}</ActButton>
            </>
            : <ActButton class="primary" disabled={!spot.value} act={async () => place()}>{w.clicked}</ActButton>}
          <span class="hint" role="status">{line.value ? w.drawHint(line.value.length) : spot.value ? spot.value.join(", ") : w.click}{ticket.pair ? ` · × ${w.pair}` : ""}</span>
        </div>
      </section>
    </div>
  );
}

function Texts({ ticket }: { ticket: QueueTicket }) {
  const w = words.value.review;
  const spans = (...fields: string[]) => ticket.evidence.filter((e) => fields.includes(e.field));
  const place = ticket.place_text;
  return (
    <dl class="texts">
      {place && <div><dt>{w.place}</dt><dd class="strong">{marked(place, spans("place_text"))}</dd></div>}
      {ticket.title && <div><dt>{w.title2}</dt><dd>{marked(ticket.title, spans("title"))}</dd></div>}
      {ticket.content && <div><dt>{w.content}</dt><dd>{marked(ticket.content, spans("content"))}</dd></div>}
    </dl>
  );
}

function CandidateRow({ of: c, onAccept, busy }: { of: Candidate; onAccept: () => void; busy: boolean }) {
  const w = words.value.review;
  return (
    <li>
      <button type="button" disabled={busy} onClick={onAccept}>
        <kbd>{c.n}</kbd>
        <span><b>{c.label}</b><small>{nameOf("precision", c.precision)} · {w.radius} {words.value.unit.metres(number(c.radius_m))} · {w.confidence} {percent(c.confidence)}</small></span>
        <span class="go">{w.accept}</span>
      </button>
    </li>
  );
}
