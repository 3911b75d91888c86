// In which forms does what is shown leave: tickets, sites, cells or the lens as tables and GeoJSON, the map as a picture?
import { address } from "../api";
import { mapZoom, pictureOf } from "../focus";
import { filterQuery, lensQuery, view } from "../state";
import { words } from "../words";
import { sentence, tell } from "../store";
import { hotWords } from "../words/hot";
import { cityLine, explained, filterLine, save } from "../picture";

/** Resolution of the cells at a zoom, as the tiles have them. */
export function cellsAt(zoom: number): number {
  const z = Math.floor(zoom);
  return [[5, 4], [7, 5], [8, 6], [10, 7], [11, 8], [12, 9], [14, 10]].find(([most]) => z <= most!)?.[1] ?? 11;
}

const FORMS = ["xlsx", "csv", "geojson"] as const;

async function picture(): Promise<void> {
  const take = pictureOf.peek();
  if (!take) return;
  const w = words.peek();
  const v = view.peek();
  const title = cityLine(v.lens ? w.hot.lenses[v.lens]! : w.nav.map);
  const second = v.lens === "change" ? `${v.before.from} – ${v.before.to} → ${filterLine()}` : filterLine();
  try {
    save(await explained(title, [second], [{ source: take() }]), `${title}.png`);
  } catch (why) {
    tell(sentence(why), "bad");
  }
}

export function ExportMenu() {
  const w = words.value;
  const q = filterQuery.value;
  const v = view.value;
  const res = cellsAt(mapZoom.value);
  const row = (name: string, link: (form: (typeof FORMS)[number]) => string, note = "") => (
    <div><b>{name}</b>{note && <small class="dim"> {note}</small>} {FORMS.map((form) => <a key={form} href={link(form)} download>{form.toUpperCase()}</a>)}</div>
  );
  return (
    <div class="export-forms">
      {row(w.map.tickets, (f) => address.export(f, q))}
      {row(w.map.sites, (f) => address.siteExport(f, q))}
      {v.lens && lensQuery.value && row(w.hot.lenses[v.lens]!, (f) => address.lensExport(f, lensQuery.value!))}
      {!v.lens && v.layers.includes("hex") && row(w.map.hex, (f) => address.cellExport(f, q, res), `H3 ${res}`)}
      <div><b>{hotWords.value.picture}</b> <button type="button" class="link-button" onClick={() => void picture()}>PNG</button></div>
    </div>
  );
}
