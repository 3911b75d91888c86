// How does a person correct a site? Rename, move, merge, split, pin: at once, and in every run after.
import { useSignal } from "@preact/signals";
import { api, type SiteCorrection, type SiteDeed, type SiteDetail, type SiteVerdict } from "../api";
import { useLoad } from "../load";
import { go, view } from "../state";
import { dataVersion, sentence, tell } from "../store";
import { ActButton, Field, Panel } from "../ui";
import { minute, number, words } from "../words";
import { hotWords } from "../words/hot";
import { finished } from "../jobs";

/** Does a deed and waits for its end; says what came of it. */
async function correct(site: string, deed: SiteDeed): Promise<boolean> {
  try {
    const { id } = await api.editSite(site, deed);
    const end = await finished(id);
    if (end.state !== "done") throw new Error(end.message);
    tell(hotWords.value.edited);
    return true;
  } catch (why) {
    tell(sentence(why), "bad");
    return false;
  }
}

/** Merges and splits of this site that still hold, each to be taken back; a site that was merged away has nothing else to do. */
function Corrections({ site, names }: { site: string; names: ReadonlyMap<string, string> }) {
  const w = hotWords.value;
  const { state, again } = useLoad((stop) => {
    void dataVersion.value;
    return api.siteEdits(stop);
  }, () => site);
  const sure = useSignal("");
  const mine = (edits: SiteCorrection[]) => edits.filter((e) => (e.deed === "merge" || e.deed === "split") && !e.undone && (e.site === site || e.other === site));
  const name = (id: string) => names.get(id) ?? w.siteNo(id);
  return (
    <Panel state={state.value} again={again}>
      {({ edits }) => mine(edits).length > 0 && (
        <>
          <h4>{w.undoTitle}</h4>
          <p class="hint">{w.undoLead}</p>
          <ul class="corrections">
            {mine(edits).map((e) => {
              const other = e.other ?? "";
              const away = e.site === site ? other : e.site;
              return (
                <li key={e.id}>
                  <span>{(e.deed === "merge" ? w.mergedInto : w.splitFrom)(name(e.site), name(other))} <small class="dim">{e.by} · {minute(e.at)}</small></span>
                  <button type="button" class="link-button" onClick={() => go({ site: away, ticket: null })}>{w.goTo(name(away))}</button>
                  <ActButton class={`small ${sure.value === e.id ? "primary" : ""}`} act={async () => {
                    if (sure.value !== e.id) { sure.value = e.id; return; }
                    sure.value = "";
                    await correct(e.site, { deed: "undo", edit: e.id });
                  }}>{sure.value === e.id ? w.sure : w.undo}</ActButton>
                </li>
              );
            })}
          </ul>
        </>
      )}
    </Panel>
  );
}

export function SiteEdit({ site, neighbours }: { site: SiteDetail; neighbours: SiteVerdict["neighbours"] }) {
  const w = hotWords.value;
  const name = useSignal(site.name);
  const into = useSignal("");
  const leaving = useSignal<ReadonlySet<string>>(new Set());
  const part = useSignal("");
  const send = async (deed: SiteDeed, next?: string) => {
    if (!(await correct(site.id, deed))) return;
    leaving.value = new Set();
    part.value = "";
    if (next) go({ site: next });
  };
  const pick = (no: string) => {
    const next = new Set(leaving.value);
    if (!next.delete(no)) next.add(no);
    leaving.value = next;
  };
  const here = view.value.center;
  const spot = useSignal("");
  const typed = /^\s*(-?\d{1,3}\.\d+)\s*[,，\s]\s*(-?\d{1,2}\.\d+)\s*$/.exec(spot.value);
  const point: [number, number] | null = typed ? [Number(typed[1]), Number(typed[2])] : null;
  // A merge takes a site away: it is asked twice.
  const sure = useSignal(false);
  const pinned = [...site.history].reverse().find((h) => h.event === "pinned" || h.event === "released")?.event === "pinned";
  const names = new Map<string, string>([[site.id, site.name], ...neighbours.map((n) => [n.id, n.name] as const)]);
  if (site.status === "merged") return <div class="site-edit no-print"><Corrections site={site.id} names={names} /></div>;
  return (
    <details class="site-edit no-print">
      <summary>{w.edit}</summary>
      <p class="hint">{w.editLead}</p>
      <Corrections site={site.id} names={names} />
      <Field label={w.newName}>{(id) => <input id={id} type="text" maxLength={60} value={name} onInput={(e) => (name.value = e.currentTarget.value)} />}</Field>
      <ActButton class="small" disabled={name.value.trim().length < 2 || name.value.trim() === site.name} act={() => send({ deed: "rename", name: name.value })}>{w.rename}</ActButton>
      <div class="row">
        <ActButton class="small" disabled={!here} act={() => send({ deed: "move", point: here! })}>{w.moveHere}</ActButton>
        <ActButton class="small" act={() => send({ deed: "pin", on: !pinned })}>{pinned ? w.unpin : w.pin}</ActButton>
      </div>
      <p class="hint">{w.pinHint}</p>
      <Field label={w.movePoint} error={spot.value.trim() && !point ? w.moveBad : null}>{(id) => <input id={id} type="text" inputMode="text" placeholder="113.7401, 34.7101" value={spot} onInput={(e) => (spot.value = e.currentTarget.value)} />}</Field>
      <ActButton class="small" disabled={!point} act={async () => { await send({ deed: "move", point: point! }); spot.value = ""; }}>{w.move}</ActButton>
      {neighbours.length === 0 && <p class="hint">{w.noNeighbours}</p>}
      {neighbours.length > 0 && (
        <>
          <Field label={w.merge}>
            {(id) => (
              <select id={id} value={into} onChange={(e) => { into.value = e.currentTarget.value; sure.value = false; }}>
                <option value="">{w.chooseSite}</option>
                {neighbours.map((n) => <option key={n.id} value={n.id}>{n.name} · {words.value.hot.metresAway(String(n.metres))}</option>)}
              </select>
            )}
          </Field>
          <p class="hint">{w.mergeLead}</p>
          <ActButton class={`small ${sure.value ? "primary" : ""}`} disabled={!into.value} act={async () => { if (sure.value) await send({ deed: "merge", into: into.value }, into.value); sure.value = !sure.value; }}>{sure.value ? w.sure : w.merge}</ActButton>
        </>
      )}
      <details>
        <summary>{w.split}</summary>
        <p class="hint">{w.splitLead}</p>
        <ul class="split-list">
          {site.tickets.map((t) => <li key={t.no}><label class="inline"><input type="checkbox" checked={leaving.value.has(t.no)} onChange={() => pick(t.no)} /> {t.title || t.place_text || t.no}</label></li>)}
        </ul>
        {site.count > site.tickets.length && <p class="hint">{w.more(number(site.tickets.length))}</p>}
        <Field label={w.splitName}>{(id) => <input id={id} type="text" maxLength={60} value={part} onInput={(e) => (part.value = e.currentTarget.value)} />}</Field>
        <ActButton class="small" disabled={leaving.value.size === 0} act={() => send({ deed: "split", tickets: [...leaving.value], name: part.value })}>{w.splitCount(number(leaving.value.size))}</ActButton>
      </details>
    </details>
  );
}
