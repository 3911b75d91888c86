// What does one ticket say, where was it placed, and who may see who asked?
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, type Handler, type Revealed, type Ticket } from "../api";
import { flyTo } from "../focus";
import { useLoad } from "../load";
import { go, view } from "../state";
import { may, sentence, tell } from "../store";
import { Dialog, Field, IconButton, Panel } from "../ui";
import { minute, number, percent, words } from "../words";
import { nameOf } from "./filters";

export function TicketDrawer({ no }: { no: string }) {
  const w = words.value;
  const { state, again } = useLoad(() => api.ticket(view.value.ticket ?? no), () => view.value.ticket);
  const ticket = state.value.kind === "ready" ? state.value.value : null;
  return (
    <article class="detail">
      <header class="detail-head">
        <IconButton icon="back" label={w.app.back} onClick={() => go({ ticket: null })} />
        <h2>{w.ticket.list} {ticket?.external_no ?? ""}</h2>
        {ticket?.point && <IconButton icon="target" label={w.site.zoom} onClick={() => flyTo(ticket.point!, 17, ticket.label ?? ticket.no)} />}
      </header>
      <div class="detail-body" tabIndex={0} role="group" aria-label={`${w.ticket.list} ${ticket?.external_no ?? no}`}>
        <Panel state={state.value} again={again}>{(t) => <Facts key={t.no} ticket={t} again={again} />}</Panel>
      </div>
    </article>
  );
}

function Facts({ ticket: t, again }: { ticket: Ticket; again: () => void }) {
  const w = words.value.ticket;
  const shown = useSignal<Revealed | null>(null);
  useEffect(() => {
    if (t.point && !view.peek().center) flyTo(t.point, 16.5, t.label ?? t.no);
    return () => void (shown.value = null);
  }, []);
  const fact = (name: string, value: unknown) => (value === null || value === undefined || value === "" ? null : <div><dt>{name}</dt><dd>{String(value)}</dd></div>);
  return (
    <>
      <h3 class="ticket-name">{text(shown.value, "title") ?? t.title}</h3>
      <p class="ticket-content">{text(shown.value, "content") ?? t.content}</p>
      <dl class="pairs">
        {fact(w.external, t.external_no)}
        {fact(w.channel, nameOf("channel", t.channel))}
        {fact(w.category, nameOf("kind", t.category).replace(/->/g, " › "))}
        {fact(w.received, minute(t.received_at))}
        {fact(w.state, nameOf("state", t.state))}
        {fact(w.unit, t.unit && nameOf("unit", t.unit))}
        <Handled ticket={t} onNamed={again} />
        {t.redo > 0 && fact(w.redo, w.times(t.redo))}
        {fact(w.satisfaction, t.satisfaction && (w.satisfied[t.satisfaction] ?? t.satisfaction))}
      </dl>
      <h3>{w.label}</h3>
      <dl class="pairs">
        {fact(w.place, text(shown.value, "place_text") ?? t.place_text)}
        {fact(w.label, t.label ?? w.noPoint)}
        {fact(w.precision, nameOf("precision", t.precision))}
        {t.radius_m !== null && fact(w.radius, `${number(t.radius_m)} ${w.metres}`)}
        {t.confidence !== null && fact(w.confidence, percent(t.confidence))}
        {place(shown.value) && fact(w.home, place(shown.value))}
      </dl>
      {t.coarse && <p class="hint">{w.coarse}</p>}
      {t.site && <p><button type="button" class="link-button" onClick={() => go({ site: t.site, ticket: null })}>{w.site} →</button></p>}
      <h3>{w.personal}</h3>
      {shown.value ? <Clear of={shown.value} /> : <Masked ticket={t} onShown={(r) => (shown.value = r)} />}
    </>
  );
}

const place = (r: Revealed | null): string | null => {
  const at = r?.home as [number, number] | null | undefined;
  return at ? `${at[0].toFixed(6)}, ${at[1].toFixed(6)}` : null;
};

/** Who handles the ticket; who may name handlers picks one here. */
function Handled({ ticket: t, onNamed }: { ticket: Ticket; onNamed: () => void }) {
  const w = words.value.ticket;
  const choice: Handler[] = t.assignable ?? [];
  const name = async (to: string) => {
    if (!to || to === t.handler?.name) return;
    try {
      const named = await api.assign(t.no, to);
      tell(w.named(named.title));
      onNamed();
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  if (choice.length === 0) return t.handler ? <div><dt>{w.handler}</dt><dd>{t.handler.title}</dd></div> : null;
  return (
    <div>
      <dt><label for="handler">{w.handler}</label></dt>
      <dd>
        <select id="handler" value={t.handler?.name ?? ""} onChange={(e) => void name(e.currentTarget.value)}>
          <option value="" disabled>{w.nobody}</option>
          {choice.map((h) => <option key={h.name} value={h.name}>{h.title}（{h.name}）</option>)}
        </select>
      </dd>
    </div>
  );
}

const text = (r: Revealed | null, key: string): string | null => (r && typeof r[key] === "string" && r[key] ? (r[key] as string) : null);

function Clear({ of }: { of: Revealed }) {
  const w = words.value.ticket;
  return (
    <div class="revealed">
      <dl class="pairs">
        {(["name", "phone", "account", "id_card"] as const).map((k) => text(of, k) && <div key={k}><dt>{w.clear[k]}</dt><dd>{text(of, k)}</dd></div>)}
      </dl>
      <p class="hint">{w.revealed}</p>
    </div>
  );
}

function Masked({ ticket, onShown }: { ticket: Ticket; onShown: (r: Revealed) => void }) {
  const w = words.value.ticket;
  const asking = useSignal(false);
  const reason = useSignal("");
  const error = useSignal<string | null>(null);
  const ask = async (e: Event) => {
    e.preventDefault();
    if (reason.value.trim().length < 4) {
      error.value = w.short;
      return;
    }
    try {
      onShown(await api.reveal(ticket.no, reason.value.trim()));
      tell(w.revealed);
    } catch (why) {
      error.value = sentence(why);
    }
  };
  return (
    <>
      <p class="dim">{w.masked}</p>
      {ticket.revealable === false && may("clear") && <p class="hint">{w.notRevealable}</p>}
      {ticket.revealable !== false && may("clear") && <button type="button" class="button small" onClick={() => (asking.value = true)}>{w.reveal}</button>}
      {asking.value && (
        <Dialog title={w.reveal} onClose={() => (asking.value = false)}>
          <form class="dialog-body" onSubmit={ask}>
            <Field label={w.reason} hint={w.reasonHint} error={error.value}>
              {(id) => <textarea id={id} required value={reason} onInput={(e) => (reason.value = e.currentTarget.value)} />}
            </Field>
            <div class="row"><button type="submit" class="button primary">{w.reveal}</button><button type="button" class="button" onClick={() => (asking.value = false)}>{words.value.app.cancel}</button></div>
          </form>
        </Dialog>
      )}
    </>
  );
}
