// How does a person correct a site? Rename, move, merge, split, pin: at once, and in every run after.
import { useSignal } from "@preact/signals";
import { api, type SiteDeed, type SiteDetail, type SiteVerdict } from "../api";
import { go, view } from "../state";
import { sentence, tell } from "../store";
import { ActButton, Field } from "../ui";
import { words } from "../words";

export function SiteEdit({ site, neighbours }: { site: SiteDetail; neighbours: SiteVerdict["neighbours"] }) {
  const w = words.value.hot;
  const name = useSignal(site.name);
  const into = useSignal("");
  const leaving = useSignal<ReadonlySet<string>>(new Set());
  const part = useSignal("");
  const send = async (deed: SiteDeed, next?: string) => {
    try {
      const { id } = await api.editSite(site.id, deed);
      for (let i = 0; i < 240; i++) {
        const s = await api.job(id);
        if (s.state === "done") {
          tell(w.edited);
          leaving.value = new Set();
          if (next) go({ site: next });
          return;
        }
        if (s.state !== "running" && s.state !== "waiting") throw new Error(s.message);
        await new Promise((r) => setTimeout(r, 250));
      }
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  const pick = (no: string) => {
    const next = new Set(leaving.value);
    if (!next.delete(no)) next.add(no);
    leaving.value = next;
  };
  const here = view.value.center;
  const pinned = [...site.history].reverse().find((h) => h.event === "pinned" || h.event === "released")?.event === "pinned";
  return (
    <details class="site-edit no-print">
      <summary>{w.edit}</summary>
      <p class="hint">{w.editLead}</p>
      <Field label={w.newName}>{(id) => <input id={id} type="text" maxLength={60} value={name} onInput={(e) => (name.value = e.currentTarget.value)} />}</Field>
      <ActButton class="small" disabled={name.value.trim().length < 2 || name.value.trim() === site.name} act={() => send({ deed: "rename", name: name.value })}>{w.rename}</ActButton>
      <div class="row">
        <ActButton class="small" disabled={!here} act={() => send({ deed: "move", point: here! })}>{w.moveHere}</ActButton>
        <ActButton class="small" act={() => send({ deed: "pin", on: !pinned })}>{pinned ? w.unpin : w.pin}</ActButton>
      </div>
      <p class="hint">{w.pinHint}</p>
      {neighbours.length > 0 && (
        <>
          <Field label={w.merge}>
            {(id) => (
              <select id={id} value={into} onChange={(e) => (into.value = e.currentTarget.value)}>
                <option value="">{w.chooseSite}</option>
                {neighbours.map((n) => <option key={n.id} value={n.id}>{n.name} · {w.metresAway(String(n.metres))}</option>)}
              </select>
            )}
          </Field>
          <ActButton class="small" disabled={!into.value} act={() => send({ deed: "merge", into: into.value }, into.value)}>{w.merge}</ActButton>
        </>
      )}
      <details>
        <summary>{w.split}</summary>
        <p class="hint">{w.splitLead}</p>
        <ul class="split-list">
          {site.tickets.map((t) => <li key={t.no}><label class="inline"><input type="checkbox" checked={leaving.value.has(t.no)} onChange={() => pick(t.no)} /> {t.title || t.place_text || t.no}</label></li>)}
        </ul>
        <Field label={w.splitName}>{(id) => <input id={id} type="text" maxLength={60} value={part} onInput={(e) => (part.value = e.currentTarget.value)} />}</Field>
        <ActButton class="small" disabled={leaving.value.size === 0} act={() => send({ deed: "split", tickets: [...leaving.value], name: part.value })}>{w.done}</ActButton>
      </details>
    </details>
  );
}
