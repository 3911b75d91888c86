// Which tickets are they, one by one? A masked list under the filter, and its rows as other panels show them.
import { useSignal, useSignalEffect } from "@preact/signals";
import { api, type Ticket } from "../api";
import { afterPicture } from "../focus";
import { useLoad } from "../load";
import { filterQuery, go, view } from "../state";
import { dataVersion, sentence, tell } from "../store";
import { ActButton, IconButton, Panel } from "../ui";
import { minute, words } from "../words";
import { nameOf } from "./filters";

const listQuery = (): string => [filterQuery.value, view.value.cell ? `h3=${view.value.cell}` : ""].filter(Boolean).join("&");

export function TicketList() {
  const w = words.value;
  const more = useSignal<Ticket[]>([]);
  const next = useSignal<string | null | undefined>(undefined);
  const { state, again } = useLoad((signal) => {
    void dataVersion.value;
    const q = listQuery();
    return afterPicture(() => api.tickets(q, null, signal));
  });
  useSignalEffect(() => {
    const s = state.value;
    if (s.kind !== "ready") return;
    more.value = [];
    next.value = s.value.meta.next;
  });
  const further = async () => {
    try {
      const page = await api.tickets(listQuery(), next.value);
      more.value = [...more.value, ...page.tickets];
      next.value = page.meta.next;
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  return (
    <>
      {view.value.cell && (
        <p class="list-head"><span class="tag on">{w.map.area} {view.value.cell}</span><IconButton icon="close" label={w.filter.clear} onClick={() => go({ cell: null })} /></p>
      )}
      <Panel state={state.value} again={again} empty={({ tickets }) => (tickets.length ? null : <h3>{w.ticket.none}</h3>)}>
        {({ tickets }) => (
          <>
            <TicketRows tickets={[...tickets, ...more.value]} />
            {next.value && <div class="list-foot"><ActButton class="small" act={further}>{w.ticket.more}</ActButton></div>}
          </>
        )}
      </Panel>
    </>
  );
}

export function TicketRows({ tickets }: { tickets: Ticket[] }) {
  const w = words.value.ticket;
  if (!tickets.length) return <p class="dim">{w.none}</p>;
  return (
    <ul class="ticket-list">
      {tickets.map((t) => (
        <li key={t.no}>
          <button type="button" class="ticket-row" onClick={() => go({ ticket: t.no })}>
            <span class="ticket-title">{t.title || t.content}</span>
            <span class="ticket-facts">
              <time>{minute(t.received_at)}</time>
              <span>{nameOf("channel", t.channel)}</span>
              <span class="tag">{nameOf("state", t.state)}</span>
              {!t.point && <span class="tag warn">{w.noPoint}</span>}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
