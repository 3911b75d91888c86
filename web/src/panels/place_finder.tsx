// Which place of the city is meant? A search that gives back a point, for texts without a candidate.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, type Found, type LonLat } from "../api";
import { Field } from "../ui";
import { words } from "../words";

export function PlaceFinder({ onPick }: { onPick: (point: LonLat, id: string) => void }) {
  const w = words.value;
  const text = useSignal("");
  const places = useSignal<Found["places"] | null>(null);
  useEffect(() => {
    const q = text.value.trim();
    if (!q) {
      places.value = null;
      return;
    }
    const stop = new AbortController();
    const wait = setTimeout(() => {
      api.search(q, stop.signal).then((found) => (places.value = found.places), () => undefined);
    }, 200);
    return () => {
      clearTimeout(wait);
      stop.abort();
    };
  }, [text.value]);
  return (
    <div class="finder">
      <Field label={w.review.find}>{(id) => <input id={id} type="text" autocomplete="off" placeholder={w.search.hint} value={text} onInput={(e) => (text.value = e.currentTarget.value)} />}</Field>
      {places.value && (places.value.length ? (
        <ul class="found" aria-label={w.search.places}>
          {places.value.slice(0, 6).map((p) => <li key={p.id}><button type="button" onClick={() => onPick(p.point, p.id)}><b>{p.name}</b> <span class="dim">{p.kind}</span></button></li>)}
        </ul>
      ) : <p class="hint" role="status">{w.search.none}</p>)}
    </div>
  );
}
