// Where are the candidates of a doubtful text? A small map with numbered marks that gives back a clicked spot.
import { type GeoJSONSource, Map as GlMap, Marker } from "maplibre-gl";
import type { Candidate, City, LonLat } from "./api";
import { BLANK, fetchStyle } from "./base_map";
import { calm } from "./focus";

export interface ReviewMap {
  show(candidates: readonly Candidate[], pair: LonLat | null): void;
  spot(point: LonLat | null): void;
  line(points: readonly LonLat[]): void;
  look(point: LonLat): void;
  centre(): LonLat;
  stop(): void;
}

export function startReviewMap(box: HTMLElement, city: City, language: string, label: string, onClick: (point: LonLat) => void, onPick: (n: number) => void): ReviewMap {
  const map = new GlMap({ container: box, style: BLANK, bounds: city.bbox, fitBoundsOptions: { padding: 16 }, attributionControl: false, dragRotate: false, pitchWithRotate: false, maxZoom: 19, locale: { "Map.Title": label } });
  map.touchZoomRotate.disableRotation();
  void fetchStyle(language).then((style) => style && map.setStyle(style, { diff: false }));
  let drawn: readonly LonLat[] = [];
  const trace = () => {
    const data = { type: "Feature" as const, properties: {}, geometry: { type: "LineString" as const, coordinates: drawn.map((p) => [...p]) } };
    const source = map.getSource<GeoJSONSource>("stretch");
    if (source) {
      source.setData(data);
      return;
    }
    if (!map.isStyleLoaded()) return;
    map.addSource("stretch", { type: "geojson", data });
    map.addLayer({ id: "stretch-edge", type: "line", source: "stretch", paint: { "line-color": "#fff", "line-width": 8 }, layout: { "line-cap": "round", "line-join": "round" } });
    map.addLayer({ id: "stretch", type: "line", source: "stretch", paint: { "line-color": "#d55e00", "line-width": 4.5 }, layout: { "line-cap": "round", "line-join": "round" } });
  };
  // The style comes after the first clicks on a slow machine, and takes its layers with it when it is exchanged.
  map.on("styledata", () => { if (drawn.length) trace(); });
  let corners: Marker[] = [];
  let marks: Marker[] = [];
  let chosen: Marker | null = null;
  map.getCanvas().style.cursor = "crosshair";
  map.on("click", (e) => onClick(round(e.lngLat.lng, e.lngLat.lat)));
  const resize = new ResizeObserver(() => map.resize());
  resize.observe(box);

  const mark = (text: string, kind: string, point: LonLat, act?: () => void): Marker => {
    const element = document.createElement(act ? "button" : "div");
    element.className = `review-mark ${kind}`;
    element.textContent = text;
    if (act) {
      element.setAttribute("type", "button");
      element.tabIndex = -1;
      element.setAttribute("aria-hidden", "true");
      element.addEventListener("click", (e) => {
        e.stopPropagation();
        act();
      });
    }
    return new Marker({ element }).setLngLat(point).addTo(map);
  };

  return {
    show(candidates, pair) {
      marks.forEach((m) => m.remove());
      marks = candidates.flatMap((c) => (c.point ? [mark(String(c.n), "candidate", c.point, () => onPick(c.n))] : []));
      if (pair) marks.push(mark("×", "pair", pair));
      const points = [...candidates.flatMap((c) => (c.point ? [c.point] : [])), ...(pair ? [pair] : [])];
      if (!points.length) {
        map.fitBounds(city.bbox, { padding: 16, animate: false });
        return;
      }
      const lon = points.map((p) => p[0]);
      const lat = points.map((p) => p[1]);
      map.fitBounds([Math.min(...lon), Math.min(...lat), Math.max(...lon), Math.max(...lat)], { padding: 64, maxZoom: 15.5, animate: !calm(), duration: 400 });
    },
    spot(point) {
      chosen?.remove();
      chosen = point ? mark("", "spot", point) : null;
    },
    line(points) {
      drawn = points.map((p): LonLat => [p[0], p[1]]);
      corners.forEach((m) => m.remove());
      corners = drawn.map((p) => mark("", "corner", p));
      trace();
    },
    look(point) {
      map.jumpTo({ center: point, zoom: Math.max(15.5, map.getZoom()) });
    },
    centre() {
      const c = map.getCenter();
      return round(c.lng, c.lat);
    },
    stop() {
      resize.disconnect();
      map.remove();
    },
  };
}

const round = (lng: number, lat: number): LonLat => [Number(lng.toFixed(6)), Number(lat.toFixed(6))];
