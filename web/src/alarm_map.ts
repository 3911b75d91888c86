// Where are the alarms? Their cells on the base map, open ones filled, past ones hollow; the chosen one stands out.
import { Map as GlMap } from "maplibre-gl";
import type { City, LonLat } from "./api";
import { BLANK, fetchStyle } from "./base_map";
import { calm } from "./focus";
import { FONT } from "./layers/kind";

export interface AlarmMap {
  /** Marks one alarm and goes there; `null` shows all. */
  choose(alarm: { id: number; centre: LonLat } | null): void;
  picture(): string;
  stop(): void;
}

export function startAlarmMap(box: HTMLElement, city: City, language: string, onPick: (id: string) => void): AlarmMap {
  const map = new GlMap({ container: box, style: BLANK, bounds: city.bbox, fitBoundsOptions: { padding: 20 }, attributionControl: false, dragRotate: false, pitchWithRotate: false, maxZoom: 17, canvasContextAttributes: { preserveDrawingBuffer: true } });
  map.touchZoomRotate.disableRotation();
  let chosen = -1;
  const mark = () => {
    if (map.getLayer("alarm-chosen")) map.setFilter("alarm-chosen", ["all", ["==", ["get", "id"], chosen], ["==", ["geometry-type"], "Polygon"]] as never);
  };
  const add = () => {
    if (map.getSource("alarms")) return;
    map.addSource("alarms", { type: "geojson", data: "/api/v1/alarms.geojson?map=1" });
    const open = ["!=", ["get", "state"], "over"] as never;
    const point = ["==", ["geometry-type"], "Point"] as never;
    map.addLayer({ id: "alarm-fill", type: "fill", source: "alarms", filter: ["!=", ["geometry-type"], "Point"] as never, paint: { "fill-color": ["case", open, "#d55e00", "#ffffff"], "fill-opacity": ["case", open, 0.6, 0.35] } });
    map.addLayer({ id: "alarm-line", type: "line", source: "alarms", filter: ["!=", ["geometry-type"], "Point"] as never, paint: { "line-color": ["case", open, "#7f2704", "#5d6e78"], "line-width": 1.2 } });
    map.addLayer({ id: "alarm-dot", type: "circle", source: "alarms", filter: point, paint: { "circle-radius": ["case", open, 8, 5], "circle-color": ["case", open, "#d55e00", "#ffffff"], "circle-opacity": 0.9, "circle-stroke-color": ["case", open, "#7f2704", "#5d6e78"], "circle-stroke-width": 1.6 } });
    map.addLayer({ id: "alarm-chosen", type: "line", source: "alarms", filter: ["==", ["get", "id"], -1] as never, paint: { "line-color": "#12303b", "line-width": 3 } });
    map.addLayer({ id: "alarm-name", type: "symbol", source: "alarms", filter: point, layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 12, "text-offset": [0, 0.9], "text-anchor": "top", "symbol-sort-key": ["case", open, 0, 1] }, paint: { "text-color": ["case", open, "#17252d", "#4d5c64"], "text-halo-color": "#fff", "text-halo-width": 1.6 } });
    mark();
  };
  // Only on the city's own style: what is put on the bare ground is thrown away with it.
  void fetchStyle(language).then((style) => {
    map.once("style.load", add);
    map.setStyle(style ?? BLANK, { diff: false });
  });
  map.on("click", (e) => {
    const ids = ["alarm-dot", "alarm-fill"].filter((id) => map.getLayer(id));
    const id = ids.length ? map.queryRenderedFeatures(e.point, { layers: ids })[0]?.properties.id : undefined;
    if (id !== undefined) onPick(String(id));
  });
  const resize = new ResizeObserver(() => map.resize());
  resize.observe(box);
  return {
    choose(alarm) {
      chosen = alarm?.id ?? -1;
      mark();
      if (alarm) map.flyTo({ center: alarm.centre, zoom: Math.max(13.5, map.getZoom()), animate: !calm() });
    },
    picture: () => map.getCanvas().toDataURL("image/png"),
    stop() {
      resize.disconnect();
      map.remove();
    },
  };
}
