// What lies under everything? The base style of the server, drawn with the fonts of this machine.
import { setWorkerUrl, type StyleSpecification } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { address } from "./api";
import { FONT } from "./layers/kind";

setWorkerUrl(workerUrl);

/** A bare ground, for the moment before the style is there and for a server without one. */
export const BLANK: StyleSpecification = { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": "#eef0ee" } }] };

/** The base style with addresses made absolute and text drawn by the system's fonts; `null` when there is none. */
export async function fetchStyle(language: string): Promise<StyleSpecification | null> {
  const style = await address.readStyle(language);
  if (!style) return null;
  const s = style as unknown as StyleSpecification;
  delete s.glyphs;
  const absolute = (u: string) => (u.startsWith("/") ? location.origin + u : u);
  for (const source of Object.values(s.sources)) {
    if (source.type !== "vector") continue;
    if (source.tiles) source.tiles = source.tiles.map(absolute);
    if (source.url) source.url = absolute(source.url);
  }
  for (const layer of s.layers) if (layer.type === "symbol") (layer.layout ??= {})["text-font"] = FONT;
  return s;
}
