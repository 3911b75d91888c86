// How are two periods seen over each other? Two maps in step, the later one shown right of a handle, with the same classes on both.
import { Map as GlMap, Marker, type VectorTileSource } from "maplibre-gl";
import { address, type City } from "./api";
import { BLANK, fetchStyle } from "./base_map";
import { calm } from "./focus";
import { hexLayer } from "./layers/hex";
import type { Look, MapLayer } from "./layers/kind";
import { verdictLayer } from "./layers/verdict";

export interface CompareMap {
  /** Tiles of both sides, and the question for the classes of both together; a lens replaces the counts on both. */
  show(before: string, after: string, question: string, lens: string | null, version: number): void;
  look(look: Look): void;
  /** Goes to a site and marks it on both sides. */
  fly(point: [number, number], name: string): void;
  /** Both sides, or the one map of the difference. */
  picture(): Promise<string[]>;
  stop(): void;
}

interface Told {
  breaks(bounds: number[]): void;
  moved(zoom: number, center: [number, number]): void;
  tip(text: string | null, x: number, y: number): void;
}

/** Starts both maps in their boxes; the view of one is the view of the other. */
export function startCompare(boxes: [HTMLElement, HTMLElement], city: City, language: string, at: { zoom: number; center: [number, number] } | null, told: Told): CompareMap {
  const first = at ?? { bounds: city.bbox, fitBoundsOptions: { padding: 24 } };
  const maps = boxes.map((container) => {
    const map = new GlMap({ container, style: BLANK, ...first, minZoom: 5, maxZoom: 18, attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, fadeDuration: calm() ? 0 : 120, canvasContextAttributes: { preserveDrawingBuffer: true } });
    map.touchZoomRotate.disableRotation();
    return map;
  });
  let urls: [string, string] = ["", ""];
  let layer: MapLayer = hexLayer;
  let look: Look | null = null;
  let key = "";
  let pair = "";
  let leading = false;
  /** Maps whose base style is there; layers put on the bare ground before would be thrown away with it. */
  const based = new Set<GlMap>();
  const drawn = new Map<GlMap, string>();
  let pins: Marker[] = [];

  const follow = (from: GlMap, to: GlMap) => () => {
    if (leading) return;
    leading = true;
    to.jumpTo({ center: from.getCenter(), zoom: from.getZoom() });
    leading = false;
  };
  maps[0]!.on("move", follow(maps[0]!, maps[1]!));
  maps[1]!.on("move", follow(maps[1]!, maps[0]!));
  maps[0]!.on("moveend", () => {
    const c = maps[0]!.getCenter();
    told.moved(Number(maps[0]!.getZoom().toFixed(2)), [Number(c.lng.toFixed(5)), Number(c.lat.toFixed(5))]);
  });

  const dress = (map: GlMap, side: 0 | 1): void => {
    if (!look || !urls[side] || !based.has(map)) return;
    const names = map.getStyle().layers.find((l) => l.type === "symbol" && !l.id.startsWith("verdict"))?.id;
    const source = map.getSource(layer.id) as VectorTileSource | undefined;
    for (const other of [hexLayer, verdictLayer]) {
      if (other === layer || !map.getSource(other.id)) continue;
      for (const s of other.styles(look)) if (map.getLayer(s.id)) map.removeLayer(s.id);
      map.removeSource(other.id);
    }
    if (!source) map.addSource(layer.id, { type: "vector", tiles: [urls[side]], minzoom: 0, maxzoom: layer.maxzoom });
    else if (drawn.get(map) !== urls[side]) source.setTiles([urls[side]]);
    drawn.set(map, urls[side]);
    for (const s of layer.styles(look)) {
      if (!map.getLayer(s.id)) map.addLayer(s, names);
      else for (const [name, value] of Object.entries(s.paint ?? {})) map.setPaintProperty(s.id, name as never, value as never);
    }
  };
  const both = () => maps.forEach((map, side) => dress(map, side as 0 | 1));
  for (const map of maps) {
    map.on("zoomend", classify);
    map.on("mousemove", (e) => {
      const ids = layer.targets.filter((id) => map.getLayer(id));
      const f = ids.length ? map.queryRenderedFeatures(e.point, { layers: ids })[0] : undefined;
      told.tip(f ? layer.tip(f) : null, e.point.x, e.point.y);
    });
    map.on("mouseout", () => told.tip(null, 0, 0));
  }
  void fetchStyle(language).then((style) => maps.forEach((map) => {
    map.once("style.load", () => {
      based.add(map);
      both();
    });
    map.setStyle(style ?? BLANK, { diff: false });
  }));

  /** One set of classes for both sides, of all cells of both periods at this size; they hold still while panning. */
  function classify(): void {
    if (layer !== hexLayer || !look || !pair) return;
    const { metric } = look;
    const zoom = Math.min(hexLayer.maxzoom, Math.floor(maps[0]!.getZoom()));
    const now = `${pair}|${metric}|${zoom}`;
    if (now === key) return;
    key = now;
    void address.classes(zoom, pair).catch(() => null).then((found) => {
      if (now !== key) return;
      if (found) told.breaks(found[metric]);
      else key = "";
    });
  }

  const resize = new ResizeObserver(() => maps.forEach((m) => m.resize()));
  resize.observe(boxes[0]);
  return {
    show(before, after, question, lens, version) {
      pair = address.tileQuery(question, version);
      layer = lens ? verdictLayer : hexLayer;
      urls = lens ? [address.tiles("verdict", lens, version), address.tiles("verdict", lens, version)] : [address.tiles("hex", before, version), address.tiles("hex", after, version)];
      both();
      classify();
    },
    look(next) {
      look = next;
      both();
      classify();
    },
    fly(point, name) {
      pins.forEach((p) => p.remove());
      pins = maps.map((map) => new Marker({ color: "#0072b2" }).setLngLat(point).addTo(map));
      for (const pin of pins) pin.getElement().title = name;
      maps[0]!.flyTo({ center: point, zoom: Math.max(14.5, maps[0]!.getZoom()), animate: !calm() });
    },
    async picture() {
      const shown = layer === verdictLayer ? maps.slice(0, 1) : maps;
      for (const map of shown) map.redraw();
      return shown.map((m) => m.getCanvas().toDataURL("image/png"));
    },
    stop() {
      resize.disconnect();
      maps.forEach((m) => m.remove());
    },
  };
}
