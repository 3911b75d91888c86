// How is a small map with a core, its ring and numbered measures drawn, and how does one draw on it?
import { Map as GlMap, Marker, type GeoJSONSource } from "maplibre-gl";
import type { City } from "../api";
import type { Point } from "../api_cases";
import { BLANK, fetchStyle } from "../base_map";

export interface Shown { core: Point | null; works: { n: number; place: Point[] }[] }
export interface SmallMap {
  show(what: Shown): void;
  /** Takes clicks until stopped; a line grows corner by corner. */
  draw(kind: "point" | "line", on: (place: Point[], done: boolean) => void): void;
  rest(): void;
  /** What the map shows now with its marks, as a PNG: a drawing surface has the screen's size and would be cut on paper. */
  picture(): string;
  /** Calls whenever everything has been drawn. */
  settled(act: () => void): void;
  stop(): void;
}

const RING_M = 300;

/** A ring of 64 corners around a point, good to a centimetre at this size. */
function circle(p: Point, m: number): [number, number][] {
  const lat = m / 110_574;
  const lon = m / (111_320 * Math.cos((p.lat * Math.PI) / 180));
  return Array.from({ length: 65 }, (_, i) => {
    const t = (i / 64) * 2 * Math.PI;
    return [p.lon + lon * Math.cos(t), p.lat + lat * Math.sin(t)];
  });
}

const pair = (p: Point): [number, number] => [p.lon, p.lat];
const round = (lng: number, lat: number): Point => ({ lon: Number(lng.toFixed(6)), lat: Number(lat.toFixed(6)) });

export function startSmallMap(box: HTMLElement, given: { city: City; language: string; label: string }): SmallMap {
  // Kept, so that the sheet prints the picture.
  const map = new GlMap({
    container: box, style: BLANK, bounds: given.city.bbox, attributionControl: false, dragRotate: false, pitchWithRotate: false, maxZoom: 19, locale: { "Map.Title": given.label },
    canvasContextAttributes: { preserveDrawingBuffer: true }, fadeDuration: 0,
  });
  map.touchZoomRotate.disableRotation();
  let what: Shown = { core: null, works: [] };
  let marks: Marker[] = [];
  let taking: { kind: "point" | "line"; corners: Point[]; on: (place: Point[], done: boolean) => void } | null = null;
  const ready = fetchStyle(given.language).then((style) => new Promise<void>((done) => {
    map.once("style.load", () => done());
    map.setStyle(style ?? BLANK, { diff: false });
  }));
  const lines = () => ({ type: "FeatureCollection" as const, features: what.works.filter((k) => k.place.length > 1).map((k) => ({ type: "Feature" as const, properties: { n: k.n }, geometry: { type: "LineString" as const, coordinates: k.place.map(pair) } })) });
  const ring = () => ({ type: "FeatureCollection" as const, features: what.core ? [{ type: "Feature" as const, properties: {}, geometry: { type: "Polygon" as const, coordinates: [circle(what.core, RING_M)] } }] : [] });

  const put = () => {
    for (const [id, data] of [["ring", ring()], ["works", lines()]] as const) {
      const source = map.getSource(id) as GeoJSONSource | undefined;
      if (source) source.setData(data);
      else map.addSource(id, { type: "geojson", data });
    }
    if (!map.getLayer("ring-fill")) {
      map.addLayer({ id: "ring-fill", type: "fill", source: "ring", paint: { "fill-color": "#e69f00", "fill-opacity": 0.08 } });
      map.addLayer({ id: "ring-line", type: "line", source: "ring", paint: { "line-color": "#6b4a00", "line-width": 1.5, "line-dasharray": [3, 2] } });
      map.addLayer({ id: "works-line", type: "line", source: "works", layout: { "line-cap": "round" }, paint: { "line-color": "#0b6374", "line-width": 6, "line-opacity": 0.85 } });
    }
    marks.forEach((m) => m.remove());
    marks = [];
    if (what.core) marks.push(mark("", "core", what.core));
    for (const k of what.works) if (k.place.length) marks.push(mark(String(k.n), "step", k.place[Math.floor((k.place.length - 1) / 2)]!));
    for (const c of taking?.corners ?? []) marks.push(mark("", "corner", c));
  };
  const mark = (text: string, kind: string, at: Point): Marker => {
    const element = document.createElement("div");
    element.className = `work-mark ${kind}`;
    element.textContent = text;
    return new Marker({ element }).setLngLat(pair(at)).addTo(map);
  };
  let fitted = "";
  const fit = () => {
    const all = [...(what.core ? circle(what.core, RING_M) : []), ...what.works.flatMap((k) => k.place.map(pair))];
    const key = what.core ? pair(what.core).join() : String(all.length > 0);
    if (!all.length || key === fitted) return;
    fitted = key;
    const lon = all.map((p) => p[0]);
    const lat = all.map((p) => p[1]);
    map.fitBounds([Math.min(...lon), Math.min(...lat), Math.max(...lon), Math.max(...lat)], { padding: 20, maxZoom: 17, animate: false });
  };

  map.on("click", (e) => {
    if (!taking) return;
    const p = round(e.lngLat.lng, e.lngLat.lat);
    if (taking.kind === "point") {
      const { on } = taking;
      taking = null;
      map.getCanvas().style.cursor = "";
      on([p], true);
      return;
    }
    taking.corners.push(p);
    taking.on([...taking.corners], false);
  });
  map.on("dblclick", (e) => {
    if (taking?.kind !== "line") return;
    e.preventDefault();
    const { on, corners } = taking;
    taking = null;
    map.getCanvas().style.cursor = "";
    // The double click came as two clicks before: the last corner stands twice.
    const clean = corners.filter((c, i) => i === 0 || Math.abs(c.lon - corners[i - 1]!.lon) + Math.abs(c.lat - corners[i - 1]!.lat) > 2e-6);
    on(clean, true);
  });
  const resize = new ResizeObserver(() => map.resize());
  resize.observe(box);
  void ready.then(put);
  return {
    show(next) {
      what = next;
      fit();
      void ready.then(put);
    },
    draw(kind, on) {
      taking = { kind, corners: [], on };
      map.getCanvas().style.cursor = "crosshair";
    },
    rest() {
      taking = null;
      map.getCanvas().style.cursor = "";
      void ready.then(put);
    },
    picture() {
      const canvas = map.getCanvas();
      const copy = document.createElement("canvas");
      copy.width = canvas.width;
      copy.height = canvas.height;
      const ink = copy.getContext("2d")!;
      ink.drawImage(canvas, 0, 0);
      const scale = canvas.width / Math.max(1, canvas.clientWidth);
      for (const m of marks) {
        const { x, y } = map.project(m.getLngLat());
        const text = m.getElement().textContent ?? "";
        ink.beginPath();
        ink.arc(x * scale, y * scale, (text ? 12 : 7) * scale, 0, 2 * Math.PI);
        ink.fillStyle = text ? "#0b6374" : "#12303b";
        ink.fill();
        ink.lineWidth = 2 * scale;
        ink.strokeStyle = "#fff";
        ink.stroke();
        if (!text) continue;
        ink.fillStyle = "#fff";
        ink.font = `650 ${12 * scale}px sans-serif`;
        ink.textAlign = "center";
        ink.textBaseline = "middle";
        ink.fillText(text, x * scale, y * scale);
      }
      return copy.toDataURL("image/png");
    },
    settled(act) {
      map.on("idle", act);
    },
    stop() {
      resize.disconnect();
      map.remove();
    },
  };
}
